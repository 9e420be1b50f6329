from tests.portal.importing.conftest import load, me, mine, own_files, shop

__all__ = ["load", "me", "mine", "own_files", "shop"]
