"""A pytest plugin that writes down the reports of tests and subtests, the same way under every pytest."""

import json
import os


def pytest_runtest_logreport(report):
    if "PYTEST_XDIST_WORKER" in os.environ:
        return
    context = getattr(report, "context", None)
    if report.when == "call" or report.failed:
        record = {
            "test": report.nodeid,
            "case": context.msg if context else "",
            "outcome": "xfailed" if hasattr(report, "wasxfail") and report.skipped else report.outcome,
            "text": getattr(report, "wasxfail", "") or str(report.longrepr or ""),
        }
        with open(os.environ["LOOPSPEC_TEST_REPORTS"], "a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
