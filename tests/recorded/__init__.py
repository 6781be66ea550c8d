"""The answers and the table of an older commit: what no change inside the package may alter.

`bodies.py` has what is posted, `targets.py` what is read then. The files beside them are what a
commit made of both: the answer to every request, its DynamoDB calls and their capacity units, and
all items of the table, before and after the rollup. Where a change is meant to alter them, record
anew with `.venv/bin/python -m tests.recorded.record`, and say in the commit what differs and why;
to record what another commit does, copy this folder into its tree and run it there.

`releases/` has a small table of each release with its answers, which are never recorded anew:
`golden.py`.
"""
