"""What a log line holds when something goes wrong."""

import io
import json
import logging
import logging.config

import psycopg
import pytest

from config.log import logging_config


@pytest.fixture
def written() -> io.StringIO:
    return io.StringIO()


@pytest.fixture
def logger(written: io.StringIO) -> logging.Logger:
    """A logger that writes as production does."""
    config = logging_config(readable=False, level="INFO")["formatters"]["structured"]
    handler = logging.StreamHandler(written)
    handler.setFormatter(config["()"](processors=config["processors"], foreign_pre_chain=config["foreign_pre_chain"]))
    logger = logging.Logger("test")
    logger.addHandler(handler)
    return logger


def test_an_exception_is_logged_with_its_place_and_without_what_variables_held(
    logger: logging.Logger, written: io.StringIO
) -> None:
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


def test_what_the_database_says_of_a_row_that_it_refused_is_not_logged(
    logger: logging.Logger, written: io.StringIO
) -> None:
    # when
    try:
        try:
            raise psycopg.errors.UniqueViolation(
                'duplicate key value violates unique constraint "one_email"\n'
                "DETAIL:  Key (email)=(femke.postma@example.org) already exists.\nCONTEXT:  COPY line 3: femke"
            )
        except psycopg.Error as cause:
            raise RuntimeError("could not be written") from cause
    except RuntimeError:
        logger.exception("request_failed")

    # then
    line = json.loads(written.getvalue())
    assert [error["exc_value"] for error in line["exception"]] == [
        "could not be written",
        'duplicate key value violates unique constraint "one_email"',
    ]
    assert "femke" not in written.getvalue().replace("test_log", "").split("frames")[0]
