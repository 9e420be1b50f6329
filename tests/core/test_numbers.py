"""Numbers are unique, opaque, and a typing error does not pass."""

from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from apps.core.numbers import ORDER, RETURN, is_number, new_code, next_number, next_numbers


def test_numbers_are_unique_and_valid(db):
    numbers = next_numbers(ORDER, 5000)
    assert len(set(numbers)) == 5000
    assert all(is_number(n, ORDER) for n in numbers)
    assert not any(is_number(n, RETURN) for n in numbers)


def test_numbers_drawn_one_by_one_and_in_blocks_never_meet(db):
    with ThreadPoolExecutor(4) as pool:
        blocks = list(pool.map(draw_some, range(8)))
    numbers = [number for block in blocks for number in block]
    assert len(set(numbers)) == len(numbers) == 8 * 60


def draw_some(_n: int) -> list[str]:
    try:
        return [next_number(ORDER) for _ in range(40)] + next_numbers(ORDER, 20)
    finally:
        connection.close()


def test_two_numbers_in_a_row_look_unrelated(db):
    first, second = (int(n[1:11]) for n in next_numbers(ORDER, 2))
    assert abs(first - second) > 1_000_000


def test_one_wrong_digit_or_two_swapped_are_noticed(db):
    number = next_number(ORDER)
    for i in range(1, 12):
        wrong = number[:i] + str((int(number[i]) + 1) % 10) + number[i + 1 :]
        assert not is_number(wrong)
    assert not is_number(number[:-1])
    assert not is_number(number + "0")


def test_codes_avoid_lookalikes():
    codes = [new_code() for _ in range(1000)]
    assert len(set(codes)) == 1000
    assert not set("".join(codes)) & set("01OIU")
