"""The port to carriers: what Toonbank asks of whoever brings parcels, and the carrier that is built in."""
