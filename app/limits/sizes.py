"""The largest sizes that the service accepts."""

# One request to the intake, after unpacking. A larger one is refused with 413.
RECORDS_MAX = 10_000
BODY_BYTES_MAX = 16 * 1024 * 1024

# One record, one tariff, and any other JSON object that staff send.
RECORD_BYTES_MAX = 64 * 1024
