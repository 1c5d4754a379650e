"""SQL and no rule: functions of (cursor, values) to values, which never commit."""
