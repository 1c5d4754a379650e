"""The largest sizes that the service accepts."""

# Of one request to the intake, unpacked. A larger one is refused with 413.
RECORDS_MAX = 10_000
BODY_BYTES_MAX = 16 * 1024 * 1024

# Of one record, of a tariff, and of any other JSON object that staff send.
RECORD_BYTES_MAX = 64 * 1024
