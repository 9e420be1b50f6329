"""Splink's sound model and recordlinkage's ECM on one file, in an environment of their own (requirements/peers.in)."""

import logging
import resource
import sys
import time
import warnings
from collections import Counter

import pandas as pd

warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)


def main() -> None:
    kind, path = sys.argv[1:]
    frame = pd.read_csv(path, dtype=str, skipinitialspace=True, keep_default_na=False).replace("", None)
    if kind == "febrl":
        frame.columns = frame.columns.str.strip()
        frame = frame.rename(columns={"rec_id": "unique_id"})
        frame["person"] = frame.unique_id.str.split("-").str[1]
        _recordlinkage(frame)
    _splink(frame, kind)


def _show(name: str, right: int, joined: int, true: int, note: str = "") -> None:
    p, r = right / max(joined, 1), right / max(true, 1)
    print(f"{'  ' + name:<58} P {p:.4f}  R {r:.4f}  F1 {2 * p * r / max(p + r, 1e-9):.4f}  {note}")


def _within(labels) -> int:
    return sum(n * (n - 1) // 2 for n in Counter(labels).values())


def _recordlinkage(frame: pd.DataFrame) -> None:
    import recordlinkage

    start = time.perf_counter()
    table = frame.set_index("unique_id")
    indexer = recordlinkage.Index()
    for column in ("given_name", "surname", "date_of_birth", "postcode", "address_1"):
        indexer.block(column)
    pairs = indexer.index(table)
    compare = recordlinkage.Compare()
    for column in ("given_name", "surname", "address_1", "suburb"):
        compare.string(column, column, method="jarowinkler", threshold=0.85)
    for column in ("date_of_birth", "street_number", "postcode", "state"):
        compare.exact(column, column)
    found = recordlinkage.ECMClassifier().fit_predict(compare.compute(pairs, table))
    person = table.person.to_dict()
    right = sum(person[a] == person[b] for a, b in found)
    _show("recordlinkage ECM, pairs", right, len(found), _within(table.person), f"{time.perf_counter() - start:.1f} s")


def _splink(frame: pd.DataFrame, kind: str) -> None:
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    if kind == "febrl":
        names = ("given_name", "surname", "date_of_birth")
        comparisons = [
            cl.NameComparison("given_name"),
            cl.NameComparison("surname"),
            cl.DamerauLevenshteinAtThresholds("date_of_birth"),
            cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("postcode", 2).configure(term_frequency_adjustments=True),
            cl.JaroWinklerAtThresholds("address_1"),
        ]
        blocks = [
            ("given_name", "surname"),
            ("date_of_birth",),
            ("postcode", "street_number"),
            ("address_1",),
            ("surname",),
        ]
        training, sure = [("date_of_birth",), ("given_name", "surname")], [("given_name", "surname", "date_of_birth")]
    else:
        frame["postcode"] = frame.postcode.str.upper().str.replace(" ", "")
        frame["phone"] = frame.phone.str.replace(r"\D", "", regex=True).str[-9:]
        frame["nr"] = frame.number.str.extract(r"(\d+)", expand=False)
        frame["last"] = frame.surname.str.lower().str.replace(
            r"^(?:van der|van den|van de|van|v\.[dt]?\.?|de|ter|el)\s+|,.*$", "", regex=True
        )
        frame["initial"] = frame.given_name.str[0].str.lower()
        frame["given"] = frame.given_name.where(~frame.given_name.fillna("").str.contains(r"\.")).str.lower()
        address = {
            "output_column_name": "address",
            "comparison_levels": [
                {
                    "sql_condition": "postcode_l is null or postcode_r is null",
                    "label_for_charts": "-",
                    "is_null_level": True,
                },
                {"sql_condition": "postcode_l = postcode_r and nr_l = nr_r", "label_for_charts": "same house"},
                {"sql_condition": "postcode_l = postcode_r", "label_for_charts": "same postcode"},
                {"sql_condition": "substr(postcode_l,1,4) = substr(postcode_r,1,4)", "label_for_charts": "same area"},
                {"sql_condition": "ELSE", "label_for_charts": "else"},
            ],
        }
        given = {
            "output_column_name": "given",
            "comparison_levels": [
                {
                    "sql_condition": "initial_l is null or initial_r is null",
                    "label_for_charts": "-",
                    "is_null_level": True,
                },
                {
                    "sql_condition": "given_l = given_r",
                    "label_for_charts": "same",
                    "tf_adjustment_column": "given",
                    "tf_adjustment_weight": 1.0,
                },
                {
                    "sql_condition": "(given_l is null or given_r is null) and initial_l = initial_r",
                    "label_for_charts": "initial",
                },
                {"sql_condition": "given_l is null or given_r is null", "label_for_charts": "other initial"},
                {"sql_condition": "jaro_winkler_similarity(given_l, given_r) >= 0.9", "label_for_charts": "near"},
                {"sql_condition": "jaro_winkler_similarity(given_l, given_r) >= 0.8", "label_for_charts": "alike"},
                {"sql_condition": "ELSE", "label_for_charts": "else"},
            ],
        }
        comparisons = [
            given,
            cl.JaroWinklerAtThresholds("last", [0.9, 0.8]).configure(term_frequency_adjustments=True),
            cl.DamerauLevenshteinAtThresholds("birth_date", 1),
            address,
            cl.ExactMatch("email"),
            cl.ExactMatch("phone"),
        ]
        names = ("given", "last", "birth_date")
        blocks = [
            *(("email",), ("phone",), ("postcode", "nr"), ("last", "birth_date"), ("postcode", "last")),
            *(("postcode", "given"), ("birth_date", "given")),
        ]
        training, sure = [("email", "last"), ("phone",)], [("email", "last"), ("phone", "last", "given")]
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=[block_on(*columns) for columns in blocks],
    )
    start, cpu = time.perf_counter(), time.process_time()
    backend = DuckDBAPI()
    data = backend.register(frame) if hasattr(backend, "register") else frame
    linker = Linker(data, settings) if hasattr(backend, "register") else Linker(frame, settings, db_api=backend)
    linker.training.estimate_probability_two_random_records_match([block_on(*c) for c in sure], recall=0.6)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
    for columns in training:
        linker.training.estimate_parameters_using_expectation_maximisation(block_on(*columns))
    pairs = linker.inference.predict(threshold_match_probability=0.5)
    clustered = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, threshold_match_probability=0.95)
    seconds, spent = time.perf_counter() - start, time.process_time() - cpu
    person = frame.set_index("unique_id").person.to_dict()
    found = pairs.as_pandas_dataframe()
    true = _within(frame.person)
    for least in (0.5, 0.95):
        some = found[found.match_probability >= least]
        right = sum(person[a] == person[b] for a, b in zip(some.unique_id_l, some.unique_id_r, strict=True))
        _show(f"Splink, pairs from {least}", right, len(some), true)
    groups = clustered.as_pandas_dataframe()
    labels = groups.cluster_id.tolist()
    both = _within(zip(labels, (person[one] for one in groups.unique_id), strict=True))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    _show("Splink, clusters at 0.95", both, _within(labels), true)
    print(f"{'  Splink':<58} {seconds:.1f} s  {spent:.1f} s processor; {peak} MB at most; {', '.join(names)} …")


main()
