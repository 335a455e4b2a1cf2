"""Every mistake in a case file is one line that names the file, the line, the rule, the key and what was expected."""

import re
from pathlib import Path

import pytest

from loopspec.catalogue import CatalogueError, load

GOOD = """\
chapter = "A chapter"
page = "library/asyncio-eventloop.html#a-chapter"

[[rule]]
id = "a-rule"
subject = "loop.call_soon"
anchor = "asyncio.loop.call_soon"
level = "must"
says = "Something that can be observed holds."

[[rule.case]]
id = "a-case"
about = "Nothing else would catch it."
run = '''
log("x")
'''
log = ["x"]
"""


def mistakes(folder: Path, text: str, name: str = "chapter.toml") -> list[str]:
    path = folder / name
    path.write_text(text)
    with pytest.raises(CatalogueError) as caught:
        load([path])
    return [str(mistake).removeprefix(f"{path}:") for mistake in caught.value.mistakes]


def test_a_good_file_is_read(tmp_path):
    path = tmp_path / "good.toml"
    path.write_text(GOOD)
    (entry,) = load([path]).entries
    assert (entry.id, entry.line, entry.logs) == ("a-rule/a-case", 15, (["x"],))


@pytest.mark.parametrize(
    ("good", "bad", "expected"),
    [
        ('level = "must"', 'level = "most"', r"8: rule a-rule: key `level`: invalid enum value 'most'"),
        ('level = "must"', 'levle = "must"', r"8: rule a-rule: key `levle`: unknown; did you mean `level`\?"),
        ('id = "a-case"', 'id = "A case"', r"12: rule a-rule, case A case: key `id`: expected lower-case words"),
        ('log = ["x"]', "log = [1]", r"17: rule a-rule, case a-case: key `log`: expected `str \| array`, got `int`"),
        ('log = ["x"]', "", r"11: rule a-rule, case a-case: key `log`: missing"),
        ('log = ["x"]', 'log = ["x"', r"\d+: not TOML: "),
        ('page = "library', 'page = "http://library', r"2: key `page`: expected a page of"),
        (
            'says = "Something',
            'python = "3.12"\nsays = "Something',
            r"9: rule a-rule: key `python`: expected a PEP 440",
        ),
        ('log = ["x"]', 'log = ["x"]\neach = [{ log = 3 }]', r"18: rule a-rule, case a-case: key `each`: a row binds"),
        ('log = ["x"]', 'log = ["x"]\neach = [{ a = 1, log = 3 }]', r"18: .*key `each`: row 'a=1': `log`: Expected"),
        ('log = ["x"]', 'log = ["x"]\neach = [{ a = 1 }, { a = 1 }]', r"18: .*row 'a=1' twice: give each an `id`"),
        ('log = ["x"]', 'log = ["x"]\neach = [{ a-b = 1 }]', r"18: .*`a-b` cannot be a name in the script"),
        ("run = '''\nlog(\"x\")\n'''", 'run = "log(1)"', r"14: .*key `run`: write it as run = '''"),
        ("[[rule.case]]", 'untestable = "nobody can see it"\n[[rule.case]]', r"4: rule a-rule: has both cases and"),
    ],
)
def test_one_mistake_is_one_line(tmp_path, good, bad, expected):
    assert good in GOOD
    (line,) = mistakes(tmp_path, GOOD.replace(good, bad, 1))
    assert re.match(expected, line), line


def test_every_mistake_is_named_not_only_the_first(tmp_path):
    text = GOOD.replace('level = "must"', 'level = "most"').replace('log = ["x"]', 'log = ["x"]\ntimeout = -1\nfoo = 1')
    lines = mistakes(tmp_path, text)
    assert [line.split(":")[0] for line in lines] == ["8", "18", "19"]


def test_a_rule_without_cases_must_say_why(tmp_path):
    (line,) = mistakes(tmp_path, GOOD[: GOOD.index("[[rule.case]]")])
    assert line == "4: rule a-rule: has neither a case nor `untestable`"


def test_ids_are_unique_across_files_and_good_files_are_named(tmp_path):
    (tmp_path / "a.toml").write_text(GOOD)
    (tmp_path / "b.toml").write_text(GOOD)
    (tmp_path / "c.toml").write_text(GOOD.replace('"a-rule"', '"another-rule"'))
    with pytest.raises(CatalogueError) as caught:
        load([tmp_path])
    (mistake,) = caught.value.mistakes
    assert str(mistake) == f"{tmp_path / 'b.toml'}:5: rule a-rule: key `id`: used before, at a.toml:5"
    assert [path.name for path in caught.value.fine] == ["a.toml", "c.toml"]


def test_an_unreadable_file_and_an_empty_folder_are_mistakes(tmp_path):
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(CatalogueError, match="cannot be read"):
        load([tmp_path / "bad.toml"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(CatalogueError, match="no case file"):
        load([tmp_path / "empty"])
