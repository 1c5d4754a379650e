#!/bin/sh
# click 8.5.1 keeps a command's help option as the first context asked for it.
#
# The names of the help option belong to a context: a group with `help_option_names` -h and --help
# passes them on to its commands. But a command that any context without them has looked at before
# (`get_params`, as tools for documents, completion and tests do) goes on without -h for good:
# the group's later contexts are ignored, and `-h` ends with status 2, "No such option".
#
# Seen: `before: 0`, `after: 2`. A tool that inspects commands must give its contexts the same names.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install --quiet --disable-pip-version-check click==8.5.1
seen=$("$folder/venv/bin/python" - <<'PYTHON'
import click
from click.testing import CliRunner

group = click.Group("group", context_settings={"help_option_names": ["-h", "--help"]})
for name in ("one", "other"):
    group.add_command(click.Command(name, help="Do it."))

print("before:", CliRunner().invoke(group, ["one", "-h"]).exit_code)
group.commands["other"].get_params(click.Context(group.commands["other"]))
print("after:", CliRunner().invoke(group, ["other", "-h"]).exit_code)
PYTHON
)
echo "$seen"
[ "$seen" = "before: 0
after: 2" ]
