"""The use cases. Each opens its own transactions; most need one."""
