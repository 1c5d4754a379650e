"""Who is at the command line."""

import getpass


def actor() -> str:
    """Give the user of this process, as the audit log writes it."""
    return f"cli:{getpass.getuser()}"
