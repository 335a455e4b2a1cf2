"""The handbook of the sample's cases: what a page says of them."""

from loopreport.handbook import CaseText, Handbook, LoopText, Place, RowText, RuleText, Source
from tests.reports.sample import CASES

_SCRIPT = """\
def first():
    log("first", 1)

loop.call_soon(first)
loop.run_forever()  # </script><script>alert(1)</script>
"""
_PROGRAM = """\
# Loop    ⟦loop⟧
# Rule    ⟦cited⟧
# Run it  python THIS_FILE⟦needs⟧

⟦make⟧


def case(loop):
    pass⟦environment's helper⟧


if __name__ == "__main__":⟦environment⟧
    print("done")
"""
_SOURCE = "".join(f"line_{number} = {number}\n" for number in range(1, 60))


def _rules() -> list[RuleText]:
    rules = {}
    for case in CASES.values():
        name = case.case.partition("/")[0]
        rules[name] = RuleText(
            id=name,
            chapter=case.chapter,
            subject=case.subject,
            says=case.says,
            level=case.level,
            basis=case.basis,
            cited={
                "3.12": case.url.replace("3.13", "3.12"),
                "3.13": case.url,
                # As of a rule that no longer holds.
                "3.14": case.url if name == "stop.batch" else case.url.replace("3.13", "3.14"),
            },
            kept_at=[Place("refloop/turn.py", 30)] if name == "stop.batch" else [],
            kept_by="asyncio.Handle" if name == "stop.twice" else "",
        )
    advice = RuleText(
        id="stop.advice",
        chapter=next(reversed(rules.values())).chapter,
        subject="loop.stop",
        says="Programs should rather not stop a loop.",
        level="should",
        basis="documentation",
        untestable="It is advice to those who use a loop.",
    )
    return [*rules.values(), advice]


def _cases() -> list[CaseText]:
    rows: dict[str, list[RowText]] = {}
    for case in CASES:
        name = "/".join(case.split("/")[:2])
        bound = case.split("/")[2:]
        row = RowText(
            id=case,
            bindings={"two": "2"} if bound else {},
            logs=[["begin", "first", ["any", "order"]], ["begin", "second"]],
            program=_PROGRAM if "fifo" in case or "batch" in case else "",
            environment={"WORD": "it's"} if "batch" in case else {},
        )
        rows.setdefault(name, []).append(row)
    return [
        CaseText(
            rule=name.partition("/")[0],
            id=name,
            about="A loop that keeps its callbacks on a stack calls the last one first.",
            file="cases/callbacks.toml",
            line=number,
            script=_SCRIPT,
            conditions={"timeout": "5 s"},
            rows=found,
        )
        for number, (name, found) in enumerate(rows.items(), start=98)
    ]


BOOK = Handbook(
    catalogue="0123456789abcdef",
    rules=_rules(),
    cases=_cases(),
    loops={
        "stdlib": LoopText(make="from asyncio import new_event_loop"),
        "swift": LoopText(make="from swift import new as new_event_loop", needs="swift", environment={"FAST": "1"}),
    },
    helper="def with_environment(environment):\n    pass",
    sources=[Source(path="refloop/turn.py", text=_SOURCE)],
)
