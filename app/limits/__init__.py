"""Every limit of the service: sizes, times, and the deadline of a request."""
