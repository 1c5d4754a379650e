"""What Pulso reaches, as ratios to what PostgreSQL and the HTTP server reach by themselves."""
