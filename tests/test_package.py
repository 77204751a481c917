"""Tests of the package: the contents of the wheel, what `import emoclf` loads, and docs/api.md."""

import ast
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from email.parser import Parser
from functools import partial
from pathlib import Path

import pytest

import emoclf
from emoclf.api import models
from emoclf.backends.settings import TrainingSettings
from emoclf.errors import TooLittleDataError
from tests.support.models import KEYWORDS, tiny_bert
from tests.support.paths import ROOT
from tools import api_page

APP_ONLY = ("streamlit", "sqlalchemy", "alembic", "plotly", "pandas", "tensorflow", "httpx2")
HEAVY = ("torch", "transformers")
WITHOUT_TORCH = ("read_tweets", "clean", "score", "compare", "doubt", "Tweet", "TrainingSettings", "EMOTIONS")
NOT_OURS = {".venv", "__pycache__", "build", ".git", "node_modules"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the checkout without asking a package registry."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for path in ROOT.iterdir():
        if path.is_dir() and not path.name.startswith(".") and path.name not in NOT_OURS:
            shutil.copytree(path, source / path.name, ignore=shutil.ignore_patterns("__pycache__", "screenshots"))
        elif path.is_file() and path.suffix in (".py", ".toml", ".txt", ".md", ""):
            shutil.copy(path, source)
    command = [sys.executable, "-m", "pip", "wheel", str(source), "--no-build-isolation", "--no-deps", "--no-index"]
    done = subprocess.run([*command, "-w", str(target)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (found,) = target.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the wheel installs."""
    folder = tmp_path_factory.mktemp("installed")
    zipfile.ZipFile(wheel).extractall(folder)
    return folder


@pytest.mark.processes
def test_the_wheel_holds_the_library_and_nothing_else(wheel: Path) -> None:
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    ours = {str(path.relative_to(ROOT)) for path in (ROOT / "emoclf").rglob("*.py")}
    assert names == {*ours, "emoclf/py.typed"}


@pytest.mark.processes
def test_the_wheel_names_the_licence_and_no_dependency_of_the_app(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = [name for name in archive.namelist() if name.endswith("/METADATA")]
        data = Parser().parsestr(archive.read(name).decode())
    needed = [line for line in data.get_all("Requires-Dist", []) if "extra ==" not in line]
    assert not {re.split(r"\W", line, maxsplit=1)[0] for line in needed} & set(APP_ONLY)
    assert set(data.get_all("Provides-Extra", [])) == {"app", "llm", "postgres", "tensorflow"}
    assert (data["Version"], data["License-Expression"]) == (emoclf.__version__, "MIT")


def run(folder: Path, code: str, absent: tuple[str, ...]) -> str:
    """What a program prints where the library is installed and these modules are not."""
    blocked = f"import sys; sys.modules.update(dict.fromkeys({absent!r}));"
    env = {**os.environ, "PYTHONPATH": str(folder)}
    command = [sys.executable, "-W", "ignore", "-c", blocked + code]
    done = subprocess.run(command, env=env, cwd=folder, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.processes
def test_importing_the_library_loads_no_other_package(installed: Path) -> None:
    code = (
        "before = set(sys.modules); import emoclf; print({name.partition('.')[0] for name in {*sys.modules} - before})"
    )
    loaded = ast.literal_eval(run(installed, code, (*APP_ONLY, *HEAVY)))
    assert loaded - sys.stdlib_module_names == {"emoclf"}


@pytest.mark.processes
def test_reading_cleaning_scoring_and_estimating_doubt_need_no_torch(installed: Path) -> None:
    code = f"import emoclf; [getattr(emoclf, name) for name in {WITHOUT_TORCH}]; print(emoclf.clean('So #Happy'))"
    assert run(installed, code, (*APP_ONLY, *HEAVY)) == "so happy"


@pytest.mark.processes
def test_every_public_name_is_there_without_what_only_the_app_needs(installed: Path) -> None:
    code = "import emoclf; print(len([getattr(emoclf, name) for name in emoclf.__all__]))"
    assert run(installed, code, APP_ONLY) == str(len(emoclf.__all__))


def test_type_checkers_and_programs_find_the_same_public_names() -> None:
    tree = ast.parse((ROOT / "emoclf" / "__init__.py").read_text("utf-8"))
    typed = {
        (node.module, one.name) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for one in node.names
    }
    assert typed - {("importlib", "import_module"), ("typing", "TYPE_CHECKING")} == {
        (module, name) for name, module in emoclf._MODULE_OF.items()
    }
    assert set(emoclf.__all__) == emoclf._MODULE_OF.keys() <= set(dir(emoclf))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'emoclf' has no attribute 'trian'"):
        emoclf.trian  # noqa: B018


@pytest.fixture
def quick_training(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, one_thread: None) -> None:
    """Without settings, a training uses a tiny BERT for one epoch."""
    tiny = partial(TrainingSettings, base=tiny_bert(tmp_path / "tiny"), epochs=1, folds=2, max_length=16)
    monkeypatch.setattr(models, "TrainingSettings", tiny)


def tweets_of(split: str, count: int = 66) -> Iterator[emoclf.Tweet]:
    """Invented tweets, each with one emotion and its telling word."""
    for i in range(count):
        name, word = emoclf.EMOTIONS.names[i % 11], KEYWORDS[i % 11]
        yield emoclf.Tweet(f"{split}-{i}", f"{word} about {split} {i}", frozenset({name}), split)


def test_the_example_of_the_documentation_runs(quick_training: None, capsys: pytest.CaptureFixture[str]) -> None:
    rows = [["ID", "Tweet", "split", *emoclf.EMOTIONS.names]]
    for tweet in [*tweets_of("train"), *tweets_of("dev", 11)]:
        rows.append([tweet.key, tweet.text, tweet.split, *map(str, emoclf.EMOTIONS.encode([tweet.original])[0])])
    rows.append(["bad", "a row without labels", "train", *[""] * 11])
    Path("tweets.csv").write_text("\n".join(",".join(row) for row in rows), encoding="utf-8")
    (example,) = re.findall(
        r"```python\n(from pathlib.*?)```", (ROOT / "docs" / "api.md").read_text("utf-8"), re.DOTALL
    )
    exec(example, {})
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].startswith("line 79: ")
    assert len(printed) == 12
    assert 0 <= float(printed[-1]) <= 1
    assert emoclf.Classifier.load(Path("my-classifier")).thresholds.shape == (11,)


def test_training_takes_train_tweets_that_have_no_twin_elsewhere(quick_training: None) -> None:
    train = list(tweets_of("train"))
    twin = emoclf.Tweet("twin", f"{train[3].text} #happy", train[3].original, "test")
    trained = emoclf.train([*tweets_of("dev", 11), *train, twin])
    assert [tweet.key for tweet in trained.tweets] == [tweet.key for tweet in train if tweet is not train[3]]
    assert trained.out_of_fold.shape == (65, 11)


def test_training_without_a_train_tweet_is_refused_in_one_sentence() -> None:
    with pytest.raises(
        TooLittleDataError, match="none of the 11 tweets can be trained on; their split must be 'train'"
    ):
        emoclf.train(list(tweets_of("dev", 11)))


@pytest.mark.parametrize("sources", [[], [[[0.5] * 3]]])
def test_doubt_says_which_shape_it_expects(sources: list[list[list[float]]]) -> None:
    with pytest.raises(ValueError, match=r"expected one or more of shape \(11, 11\)"):
        emoclf.doubt(list(tweets_of("train", 11)), *sources)


def test_the_page_of_the_api_is_made_from_the_docstrings_as_they_are() -> None:
    assert api_page.page() in (ROOT / "docs" / "api.md").read_text("utf-8")


@pytest.mark.parametrize("name", api_page.FUNCTIONS)
def test_every_public_function_documents_each_parameter_and_has_an_example(name: str) -> None:
    found = getattr(emoclf, name)
    parameters = "".join(found.__doc__.partition("Parameters\n")[2].partition("Returns\n")[0])
    for parameter in found.__annotations__.keys() - {"return"}:
        assert re.search(rf"^    [\w, ]*\b{parameter}\b[\w, ]* : ", parameters, re.MULTILINE), parameter
    assert ">>> " in found.__doc__ or "for an example" in found.__doc__


def edits_of_the_path(source: str) -> list[int]:
    """The lines that change `sys.path`: a method called on it, an assignment, or an addition."""
    found = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            changed = [node.func.value] if node.func.attr in ("insert", "append", "extend", "remove", "pop") else []
        elif isinstance(node, ast.Assign | ast.AugAssign):
            changed = node.targets if isinstance(node, ast.Assign) else [node.target]
        else:
            continue
        found += [node.lineno for one in changed if ast.unparse(one).partition("[")[0] == "sys.path"]
    return sorted(found)


def test_no_script_edits_the_search_path_of_modules() -> None:
    folders = [path for path in ROOT.iterdir() if path.is_dir() and path.name not in NOT_OURS]
    paths = [*ROOT.glob("*.py"), *(path for folder in folders for path in folder.rglob("*.py"))]
    texts = {str(path): path.read_text("utf-8") for path in paths}
    assert [path for path, text in texts.items() if "sys.path" in text and edits_of_the_path(text)] == []


def test_an_edit_of_the_search_path_would_be_found() -> None:
    assert edits_of_the_path("import sys\nsys.path.insert(0, 'x')\nsys.path[:0] = ['x']\nsys.path += ['x']") == [
        2,
        3,
        4,
    ]
