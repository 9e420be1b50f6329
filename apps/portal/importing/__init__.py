"""Imports: a file is looked through, shown as what it would change, and then booked as a job."""
