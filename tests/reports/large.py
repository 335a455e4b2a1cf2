"""Results as large as a public board's: a thousand cases in 1,600 rows on 45 columns, made of nothing but numbers."""

import random
from functools import cache

from loopreport.handbook import CaseText, Handbook, LoopText, Place, RowText, RuleText, Source
from loopreport.merge import Merged, merge
from loopreport.model import CaseInfo, Difference, Footer, Header, Kind, LoopInfo, Verdict
from loopreport.results import Results

LOOPS, PYTHONS = 15, ("3.12.1", "3.13.0", "3.14.2")
CHAPTERS, RULES, CASES, ROWS = 20, 500, 1000, 1600
_WORDS = (
    *("callback", "loop", "polls", "context", "handle", "arguments", "scheduled", "transport", "closing", "protocol"),
    *("a", "that", "the", "before", "it", "is", "given", "of", "and", "its", "as", "were", "while", "once", "only"),
)
_KINDS: tuple[Kind, ...] = ("fail", "fail", "fail", "fail", "unsupported", "unsupported", "crash", "hang", "skip")


def _sentence(chance: random.Random, words: int) -> str:
    return " ".join(chance.choice(_WORDS) for _ in range(words)).capitalize() + "."


def _script(chance: random.Random) -> str:
    lines = []
    for number in range(chance.randint(3, 8)):
        indent = "    " * (number % 3 == 1)
        lines.append(f'{indent}loop.call_later({chance.random():.3f}, log, "{" ".join(chance.choices(_WORDS, k=3))}")')
    return "\n".join(lines) + "\n"


@cache
def handbook() -> Handbook:
    chance = random.Random(1)
    rules, cases = [], []
    engine = "\n\n".join(_script(chance) for _ in range(14))
    rows_left = ROWS - CASES
    for number in range(RULES):
        chapter = f"Chapter {number * CHAPTERS // RULES + 1:02}: {chance.choice(_WORDS)} and {chance.choice(_WORDS)}"
        rule = RuleText(
            id=f"{chance.choice(_WORDS)}-{chance.choice(_WORDS)}.rule-{number}",
            chapter=f"Chapter {number * CHAPTERS // RULES + 1:02}",
            subject="loop.call_later",
            says=_sentence(chance, 18),
            level=chance.choice(["must", "must", "must", "should", "may"]),
            basis=chance.choice(["documentation"] * 5 + ["cpython"]),
            cited={
                python[:4]: f"https://docs.python.org/{python[:4]}/library/asyncio-eventloop.html#{chapter[:10]}"
                for python in PYTHONS
            },
            kept_at=[Place(f"refloop/part_{number % 40}.py", chance.randint(1, 200))],
        )
        rules.append(rule)
        for place in range(CASES // RULES):
            count = 2 if place and rows_left > 0 and number % 5 < 3 else 0
            rows_left -= count
            case = f"{rule.id}/case-{place}-{'-'.join(chance.choices(_WORDS, k=4))}"
            script = _script(chance)
            program = "\n\n".join([f"# Loop    ⟦loop⟧\n# {rule.says}", "⟦make⟧", f"def case():\n{script}", engine])
            rows = [
                RowText(
                    id=f"{case}/row={row}" if count else case,
                    bindings={"row": str(row)} if count else {},
                    logs=[[" ".join(chance.choices(_WORDS, k=4)) for _ in range(4)]],
                    program=program,
                )
                for row in range(count + 1)
            ]
            about = _sentence(chance, 16)
            cases.append(
                CaseText(rule=rule.id, id=case, about=about, file="cases/a.toml", line=9, script=script, rows=rows)
            )
    sources = [Source(path=f"refloop/part_{number}.py", text=_script(chance) * 30) for number in range(40)]
    loops = {f"loop-{number}": LoopText(make="from loops import new_event_loop") for number in range(LOOPS)}
    return Handbook(catalogue="0" * 16, rules=rules, cases=cases, loops=loops, sources=sources)


@cache
def case_infos() -> dict[str, CaseInfo]:
    book = handbook()
    rules = {rule.id: rule for rule in book.rules}
    return {
        row.id: CaseInfo(
            case=row.id,
            chapter=rules[case.rule].chapter,
            subject="loop.call_later",
            says=rules[case.rule].says,
            about=case.about,
            url="",
            level=rules[case.rule].level,
            basis=rules[case.rule].basis,
            counts=rules[case.rule].counts,
            file=case.file,
            line=case.line,
        )
        for case in book.cases
        for row in case.rows
    }


@cache
def merged() -> Merged:
    """Return 45 columns; of each loop, up to two fifths of the cases do not pass, with tracebacks of their own."""
    ids = list(case_infos())
    return merge([_results(python, ids) for python in PYTHONS])


def _results(python: str, ids: list[str]) -> Results:
    loops = [LoopInfo(name=f"loop-{number}", version=f"0.{number}.1") for number in range(LOOPS)]
    header = Header(
        suite="1.2",
        catalogue="0" * 16,
        python=python,
        implementation="CPython",
        platform="linux",
        kernel="Linux 6.1 x86_64",
        openssl="OpenSSL 3.0",
        began="2026-01-02T03:04:05+00:00",
        loops=loops,
        cases=ids,
        selected=len(ids),
    )
    verdicts = []
    for number, loop in enumerate(loops):
        for case in ids:
            chance = random.Random(f"{number} {case}")
            failing = chance.random() < 0.4 * number / LOOPS
            verdicts.append(_failure(chance, loop.name, case, python) if failing else _pass(loop.name, case))
    footer = Footer(ended="2026-01-02T03:14:05+00:00", seconds=600.0, verdicts=len(verdicts))
    return Results(header, tuple(verdicts), footer)


def _pass(loop: str, case: str) -> Verdict:
    return Verdict(loop=loop, case=case, kind="pass", seconds=0.001)


def _failure(chance: random.Random, loop: str, case: str, python: str) -> Verdict:
    observed = " ".join(chance.choices(_WORDS, k=4))
    traceback = "Traceback (most recent call last):\n"
    for _ in range(chance.randint(2, 8)):
        place = chance.randint(1, 400)
        traceback += f'  File "/usr/lib/python{python[:4]}/asyncio/base_events.py", line {place}, in run_forever\n'
        traceback += f"    return future_{place % 40}.result()\n    ~~~~~~~~~~~~~~~~^^\n"
    traceback += f"RuntimeError: <Handle {observed} at {chance.getrandbits(48):#x}>"
    return Verdict(
        loop=loop,
        case=case,
        kind=chance.choice(_KINDS),
        summary=f"expected 'first', observed {observed!r}",
        difference=[Difference(" ", "begin"), Difference("-", "first"), Difference("+", observed)],
        details=traceback,
    )
