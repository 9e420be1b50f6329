"""Webhooks out: what an API client wants to be told of, and each thing it was, or will be, told.

`topics` is where apps say what there is to tell; `queueing` writes deliveries, in the transaction that reads the event log;
`sending` posts them, outside any transaction.
"""
