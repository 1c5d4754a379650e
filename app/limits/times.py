"""Every time limit of the service, in seconds; each has a name of its own.

Read them as `times.NAME`, so that a test can change one in one place.
"""

# A request, from its last byte to the moment when waiting for its answer is given up. Clients are
# promised an answer within 25 seconds. A command has the same time for each transaction.
ANSWER_SECONDS_MAX = 24.0

# --- The server ---
# From connecting, or from a request's first byte, to the request's last byte.
RECEIVE_SECONDS_MAX = 10
# One `send()` of an answer; a partial send resets it.
SEND_SECONDS_MAX = 15
# An answer may occupy a thread for so long while requests wait and no other thread is free.
HOLD_THREAD_SECONDS_MAX = 30
# A worker waits before it accepts a connection: so long for each it has, and so long at most.
HEAD_START_SECONDS = 0.0002
HEAD_START_SECONDS_MAX = 0.001
# A request that waits for a thread waits so long after the last answer before one is cut off.
FREE_THREAD_SECONDS_MAX = 1
# After the server has ended a connection, the client has so long to close it.
PARTING_SECONDS_MAX = 3
# gunicorn: an idle connection, a worker that shows no life, and answers when the server stops.
KEEP_ALIVE_SECONDS_MAX = 75
WORKER_SECONDS_MAX = 30
STOP_SECONDS_MAX = 25
# Between two samples of the connections in use.
SAMPLE_SECONDS = 1.0

# --- The database ---
# Opening a connection. No try begins later than this before its deadline.
LAST_TRY_SECONDS = 4
# Pauses between tries double from the first to the longest.
FIRST_PAUSE_SECONDS = 0.05
LONGEST_PAUSE_SECONDS = 1.0
# Writing is tried so long on a server that is read-only: a standby that is being promoted.
READ_ONLY_SECONDS_MAX = 5.0
# While the database cannot be reached, each cause is logged again after this time. The outage is
# over when tries have not failed for so long.
REMIND_SECONDS = 60.0
SETTLED_SECONDS = 5.0
# Waiting for a connection of the pool.
POOL_SECONDS_MAX = 1
# A transaction on a server that does not answer; the watchdog looks every `WATCH_SECONDS`.
SILENT_SECONDS_MAX = 15.0
WATCH_SECONDS = 0.5
# PostgreSQL's own limits in each session.
STATEMENT_SECONDS_MAX = 10
LOCK_SECONDS_MAX = 3
IDLE_IN_TRANSACTION_SECONDS_MAX = 30
# For the embedded PostgreSQL to start; the pause between two tries.
EMBEDDED_START_SECONDS_MAX = 120
EMBEDDED_START_PAUSE_SECONDS = 0.5

# --- Statements with limits of their own ---
# Readers of tariffs queue after a waiting lock of the table, so that wait must be short.
TARIFFS_LOCK_SECONDS_MAX = 1
# Counting the backlog.
COUNT_SECONDS_MAX = 2
# The reader of a bill run may be slower than the database.
SLOW_READER_SECONDS_MAX = 300

# --- Single records that are written together ---
# Waiting for a row that another session has locked.
SHARED_LOCK_SECONDS_MAX = 0.1
# A record that has waited longer for its leader goes by itself.
LEAD_SECONDS_MAX = 0.25
# A record with less time left does not wait for others: it needs the time for its last try.
JOIN_SECONDS_LEFT_MIN = LAST_TRY_SECONDS + LEAD_SECONDS_MAX

# --- Keys ---
# A revoked key is refused, and a new one accepted, after this time at the latest.
FRESH_KEYS_SECONDS = 3.0
# The same for a key that is not in memory: it may be new.
FRESH_KEYS_SECONDS_FOR_UNKNOWN = 0.5
# Between two notes that keys were used, and between two notes of the same key.
NOTE_USED_SECONDS = 4.0
USE_KNOWN_TO_SECONDS = 60
# While the database is away, keys are trusted for so long.
TRUST_KEYS_SECONDS_MAX = 60.0
# Reading the keys, and waiting for them while older ones can be trusted.
READ_KEYS_SECONDS_MAX = 3.0

# --- Probes ---
# /health/ready and /metrics try the database again for so long: enough to replace connections
# that a restart of the database has cut.
PROBE_RETRY_SECONDS_MAX = 1.0
# The answer of /metrics; Prometheus asks again soon and takes no answer after ten seconds.
METRICS_SECONDS_MAX = 3.0

# --- The storage of rate limits (Redis) ---
RATE_LIMIT_SECONDS_MAX = 0.5
