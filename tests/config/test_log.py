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


def test_nor_where_a_worker_says_it_once_more(logger: logging.Logger, written: io.StringIO) -> None:
    # given: what Celery logs of a task that raised, with the exception in the message and beside it
    logger.name = "celery.app.trace"
    raised = psycopg.errors.UniqueViolation("duplicate key\nDETAIL:  Key (email)=(femke.postma@example.org) exists.")
    said = {"name": "messages.send_due", "exc": repr(raised), "args": "('femke.postma@example.org',)"}

    # when
    logger.error("Task %(name)s raised unexpected: %(exc)s", said, extra={"data": said, "error": str(raised)})

    # then
    line = json.loads(written.getvalue())
    assert "femke" not in written.getvalue()
    assert line["event"].startswith("Task messages.send_due raised unexpected: UniqueViolation('duplicate key")


def test_a_worker_that_is_gone_is_told_of_without_a_traceback(logger: logging.Logger, written: io.StringIO) -> None:
    logger.error("task_failed", extra={"exception": RuntimeError("Worker exited\nDETAIL:  femke")})
    assert json.loads(written.getvalue())["exception"] == "RuntimeError('Worker exited"
