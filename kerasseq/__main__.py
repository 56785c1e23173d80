"""`python -m kerasseq` is the command line."""

from kerasseq.cli import main

main()
