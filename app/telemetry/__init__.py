"""What the service reports of itself: the log and the metrics."""
