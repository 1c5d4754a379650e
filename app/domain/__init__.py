"""What Pulso exists for: calls, tariffs, rating, bills. Standard library only, no clock, no I/O."""
