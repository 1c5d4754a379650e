"""The rules: calls, tariffs, rating, bills. Standard library only; no clock, no I/O."""
