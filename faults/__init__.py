"""`make faults`: what the service promises, held against kills, cuts, full disks and races."""
