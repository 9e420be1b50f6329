"""What a log line holds when something goes wrong."""

import io
import json
import logging
import logging.config

from config.log import logging_config


def test_an_exception_is_logged_with_its_place_and_without_what_variables_held() -> None:
    # given: a logger that writes as production does
    written = io.StringIO()
    config = logging_config(readable=False, level="INFO")["formatters"]["structured"]
    handler = logging.StreamHandler(written)
    handler.setFormatter(config["()"](processors=config["processors"], foreign_pre_chain=config["foreign_pre_chain"]))
    logger = logging.Logger("test")
    logger.addHandler(handler)

    # when: something breaks while a customer's address is in a variable
    def look_up(email: str) -> None:
        raise LookupError("no such customer")

    try:
        look_up("femke.postma@example.org")
    except LookupError:
        logger.exception("request_failed")

    # then
    line = json.loads(written.getvalue())
    [error] = line["exception"]
    assert (error["exc_type"], error["exc_value"]) == ("LookupError", "no such customer")
    assert [frame["name"] for frame in error["frames"]][-1] == "look_up"
    assert "femke" not in written.getvalue()
