"""An ``mlruns`` folder: MLflow's file store, from 1.x to 3.x."""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trackside_server.imports.records import (
    ExperimentRecord,
    ModelRecord,
    Point,
    RegisteredRecord,
    RunRecord,
    VersionRecord,
    whole_point,
)
from trackside_server.tracking.entities import (
    RUN_STATUSES,
    Dataset,
    DatasetInput,
    Metric,
    ModelLink,
    Tag,
)

from . import file_traces
from .base import BATCH, Source, SourceFailed, Unreadable, each
from .local import LocalFiles, Rooms, files_below, folders, read_text
from .yaml_files import mapping, number, text, text_or_none

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from trackside_server.imports.records import TraceRecord

    from .base import Complain, Files

_META = "meta.yaml"
_TRASH = ".trash"
# What lies beside the runs in the folder of an experiment.
_NO_RUNS = frozenset({"datasets", "models", "tags", "traces", "assessments"})
_DELETED = "deleted"
# What MLflow calls the folder of a run.
_RUN = re.compile("[0-9a-f]{32}")


class FileStore(Source):
    """An ``mlruns`` folder.

    Parameters
    ----------
    root
        The folder.
    artifact_root
        Where else artifacts may be read, as the user said.
    complain
        Told what cannot be read.

    Raises
    ------
    SourceFailed
        It is no such folder.
    """

    def __init__(self, root: Path, artifact_root: Path | None, complain: Complain) -> None:
        self._root = Path(os.path.realpath(root))
        self.shown = str(root)
        self.identity = f"file:{self._root}"
        self.complain = complain
        given = [] if artifact_root is None else [artifact_root]
        self._rooms = Rooms([self._root], [*given, self._root.parent / "mlartifacts"])
        self._places: dict[str, Path] = {}
        self._find_experiments()

    def _find_experiments(self) -> None:
        lost = []
        try:
            for parent in (self._root, self._root / _TRASH):
                for entry in folders(parent):
                    folder = Path(entry.path)
                    if entry.name in (_TRASH, "models"):
                        continue
                    if (folder / _META).is_file():
                        self._places[entry.name] = folder
                    elif entry.name.isdecimal():
                        lost.append(entry)
        except Unreadable as error:
            raise SourceFailed(str(error)) from error
        if not self._places and not (self._root / "models").is_dir():
            raise SourceFailed(
                f"{self.shown} is no folder of MLflow: no experiment with a meta.yaml is in it.",
                hint="Name the folder itself, such as ./mlruns.",
            )
        for entry in lost:
            self.complain("experiment", entry.name, _without_meta("Experiment", entry))

    def totals(self) -> Mapping[str, int]:
        """Count experiments and runs by their folders."""
        runs = 0
        for place in self._places.values():
            with suppress(Unreadable):  # told when it is their turn
                runs += len(self._run_folders(place))
        return {"experiments": len(self._places), "runs": runs}

    def experiments(self) -> Iterator[ExperimentRecord]:
        """Give all experiments."""
        return each(
            "experiment",
            self._places.items(),
            self._experiment,
            lambda item: item[0],
            self.complain,
        )

    def _experiment(self, item: tuple[str, Path]) -> ExperimentRecord:
        key, folder = item
        meta = mapping(folder / _META)
        return ExperimentRecord(
            key=key,
            name=text(meta, "name") or key,
            deleted=meta.get("lifecycle_stage") == _DELETED or folder.parent != self._root,
            created_at=number(meta, "creation_time"),
            updated_at=number(meta, "last_update_time"),
            tags=_texts(folder / "tags"),
        )

    def runs(self, experiment: str) -> Iterator[RunRecord]:
        """Give all runs of an experiment."""
        place = self._places[experiment]
        datasets = self._datasets(place)
        self._complain_of_runs(place)
        return each(
            "run",
            self._run_folders(place),
            lambda folder: self._run(folder, datasets),
            _name,
            self.complain,
        )

    def _run_folders(self, place: Path) -> list[Path]:
        return [
            Path(entry.path)
            for entry in folders(place)
            if entry.name not in _NO_RUNS and (Path(entry.path) / _META).is_file()
        ]

    def _complain_of_runs(self, place: Path) -> None:
        """Tell of what plainly was a run."""
        for entry in folders(place):
            if _RUN.fullmatch(entry.name) and not (Path(entry.path) / _META).is_file():
                self.complain("run", entry.name, _without_meta("Run", entry))

    def _run(self, folder: Path, datasets: Mapping[str, Dataset]) -> RunRecord:
        meta = mapping(folder / _META)
        tags = _texts(folder / "tags")
        name = text(meta, "run_name") or text(meta, "name") or tags.get("mlflow.runName", "")
        deleted = meta.get("lifecycle_stage") == _DELETED
        ended = meta.get("end_time")
        metrics = folder / "metrics"
        return RunRecord(
            run_id=folder.name,
            name=name,
            user_id=text(meta, "user_id") or tags.get("mlflow.user", ""),
            status=_status(meta.get("status")),
            start_time=number(meta, "start_time"),
            end_time=None if ended is None else number(meta, "end_time"),
            deleted_at=(number(meta, "deleted_time") or 1) if deleted else None,
            artifact_uri=text(meta, "artifact_uri") or "artifacts",
            params=_texts(folder / "params"),
            tags=tags,
            datasets=self._inputs(folder, datasets),
            model_inputs=_model_inputs(folder / "inputs"),
            model_outputs=_model_outputs(folder / "outputs"),
            curves={key: str((metrics / key).lstat().st_size) for key in files_below(metrics)},
        )

    def _datasets(self, place: Path) -> dict[str, Dataset]:
        items = folders(place / "datasets")
        return dict(each("dataset", items, _dataset, _name, self.complain))

    def _inputs(self, folder: Path, datasets: Mapping[str, Dataset]) -> Sequence[DatasetInput]:
        found = []
        for entry in folders(folder / "inputs"):
            meta = mapping(Path(entry.path) / _META)
            dataset = datasets.get(text(meta, "source_id"))
            if meta.get("source_type") == "DATASET" and dataset is not None:
                tags = meta.get("tags") or {}
                found.append(
                    DatasetInput(dataset, [Tag(str(k), str(v)) for k, v in sorted(tags.items())])
                )
        return found

    def points(
        self, run: RunRecord, experiment: str, keys: Collection[str], bookmark: str | None
    ) -> Iterator[tuple[Mapping[str, Sequence[Point]], str]]:
        """Give the points file by file."""
        folder = self._places[experiment] / run.run_id / "metrics"
        ordered = sorted(keys)
        first, offset = json.loads(bookmark) if bookmark else ("", 0)
        batch: dict[str, list[Point]] = {}
        count = 0
        for key in ordered:
            if key < first:
                continue
            where = offset if key == first else 0
            for point, end in self._lines(folder / key, where, run.run_id):
                batch.setdefault(key, []).append(point)
                where = end
                count += 1
                if count >= BATCH:
                    yield batch, json.dumps([key, where])
                    batch, count = {}, 0
        if batch:
            yield batch, json.dumps([ordered[-1], (folder / ordered[-1]).lstat().st_size])

    def _lines(self, path: Path, offset: int, run_id: str) -> Iterator[tuple[Point, int]]:
        wrong = 0
        try:
            if path.is_symlink():
                raise Unreadable(f"{path} is a symbolic link, which is not followed.")  # noqa: TRY301
            with path.open("rb") as file:
                file.seek(offset)
                end = offset
                for line in file:
                    end += len(line)
                    if not line.endswith(b"\n"):
                        # Somebody is writing it just now, or was when the disk was full.
                        line += b"\n"
                    point = _point(line.split())
                    if point is None:
                        wrong += 1
                    else:
                        yield point, end
        except OSError as error:
            self.complain("run", run_id, f"{path} cannot be read: {error.strerror or error}.")
        except Unreadable as error:
            self.complain("run", run_id, str(error))
        if wrong:
            self.complain(
                "run", run_id, f"{wrong} lines of {path} are no points, and were left out."
            )

    def models(self, experiment: str) -> Iterator[ModelRecord]:
        """Give the logged models of an experiment."""
        items = folders(self._places[experiment] / "models")
        return each("model", items, _model, _name, self.complain)

    def registered(self) -> Iterator[RegisteredRecord]:
        """Give the registered models."""
        items = folders(self._root / "models")
        return each("registered model", items, self._registered, _name, self.complain)

    def _registered(self, entry: os.DirEntry[str]) -> RegisteredRecord:
        folder = Path(entry.path)
        meta = mapping(folder / _META)
        name = text(meta, "name") or entry.name
        places = [place for place in folders(folder) if place.name.startswith("version-")]
        versions = each(
            "model version",
            places,
            _version,
            lambda place: f"{name} {place.name.removeprefix('version-')}",
            self.complain,
        )
        return RegisteredRecord(
            name=name,
            description=text_or_none(meta, "description"),
            created_at=number(meta, "creation_timestamp"),
            updated_at=number(meta, "last_updated_timestamp"),
            tags=_texts(folder / "tags"),
            aliases={
                alias: int(version)
                for alias, version in _texts(folder / "aliases").items()
                if version.strip().isdecimal()
            },
            versions=sorted(versions, key=lambda version: version.version),
        )

    def traces(self, experiment: str) -> Iterator[TraceRecord]:
        """Give the traces of an experiment."""
        items = folders(self._places[experiment] / "traces")
        found = each(
            "trace",
            items,
            lambda entry: file_traces.read(Path(entry.path), _texts),
            _name,
            self.complain,
        )
        return (trace for trace in found if trace is not None)

    def files(self, kind: str, identifier: str, experiment: str, uri: str) -> Files:
        """Give the files of a run, model or trace."""
        folder = self._folder(kind, identifier, experiment, uri)

        def skipped(path: str) -> None:
            self.complain(kind, identifier, f"{path} is no ordinary file, and was left out.")

        return LocalFiles(folder, skipped)

    def local_folder(self, kind: str, identifier: str, experiment: str, uri: str) -> str | None:
        """Give the folder of the files."""
        return str(self._folder(kind, identifier, experiment, uri))

    def close(self) -> None:
        """Nothing is open."""

    def _folder(self, kind: str, identifier: str, experiment: str, uri: str) -> Path:
        inside = {"run": "", "model": "models/", "trace": "traces/"}[kind]
        # Before what the URI says: the folder may have been moved since it was written.
        own = self._places[experiment] / f"{inside}{identifier}" / "artifacts"
        if own.is_dir() and self._rooms.allows(own):
            return own
        return self._rooms.folder(uri, self._root.parent) if uri else own


def _without_meta(what: str, entry: os.DirEntry[str]) -> str:
    return f"{what} {entry.name} was left out: there is no {_META} in {entry.path}."


def _name(place: Path | os.DirEntry[str]) -> str:
    return place.name


def _dataset(entry: os.DirEntry[str]) -> tuple[str, Dataset]:
    meta = mapping(Path(entry.path) / _META)
    return entry.name, Dataset(
        name=text(meta, "name"),
        digest=text(meta, "digest"),
        source_type=text(meta, "source_type"),
        source=text(meta, "source"),
        schema=text_or_none(meta, "schema"),
        profile=text_or_none(meta, "profile"),
    )


def _model(entry: os.DirEntry[str]) -> ModelRecord:
    folder = Path(entry.path)
    meta = mapping(folder / _META)
    deleted = meta.get("lifecycle_stage") == _DELETED
    return ModelRecord(
        model_id=entry.name,
        name=text(meta, "name"),
        model_type=text_or_none(meta, "model_type"),
        source_run_id=text_or_none(meta, "source_run_id"),
        status=number(meta, "status"),
        deleted_at=number(meta, "last_updated_timestamp") or 1 if deleted else None,
        artifact_uri=text(meta, "artifact_location"),
        created_at=number(meta, "creation_timestamp"),
        updated_at=number(meta, "last_updated_timestamp"),
        params=_texts(folder / "params"),
        tags=_texts(folder / "tags"),
        metrics=_model_metrics(folder / "metrics", entry.name),
    )


def _version(entry: os.DirEntry[str]) -> VersionRecord:
    folder = Path(entry.path)
    meta = mapping(folder / _META)
    return VersionRecord(
        version=number(meta, "version"),
        created_at=number(meta, "creation_timestamp"),
        updated_at=number(meta, "last_updated_timestamp"),
        description=text_or_none(meta, "description"),
        stage=text(meta, "current_stage") or "None",
        source=text(meta, "source"),
        run_id=text_or_none(meta, "run_id"),
        model_id=text_or_none(meta, "model_id"),
        run_link=text_or_none(meta, "run_link"),
        status=text(meta, "status") or "READY",
        status_message=text_or_none(meta, "status_message"),
        user_id=text_or_none(meta, "user_id"),
        tags=_texts(folder / "tags"),
    )


def _status(value: Any) -> str:
    if isinstance(value, int) and 1 <= value <= len(RUN_STATUSES):
        return RUN_STATUSES[value - 1]
    return value if isinstance(value, str) and value in RUN_STATUSES else "FINISHED"


def _texts(folder: Path) -> dict[str, str]:
    return {key: read_text(folder / key) for key in files_below(folder)}


def _model_inputs(folder: Path) -> list[ModelLink]:
    metas = [mapping(Path(entry.path) / _META) for entry in folders(folder)]
    return [
        ModelLink(text(meta, "source_id"))
        for meta in metas
        if meta.get("source_type") in ("MODEL", "MODEL_INPUT")
    ]


def _model_outputs(folder: Path) -> list[ModelLink]:
    return [
        ModelLink(entry.name, number(mapping(Path(entry.path) / _META), "step"))
        for entry in folders(folder)
    ]


def _point(words: list[bytes]) -> Point | None:
    # MLflow before 1.0 wrote no step.
    try:
        step = int(words[2]) if len(words) > 2 else 0
        return whole_point(step, int(words[0]), float(words[1]))
    except (ValueError, IndexError):
        return None


def _model_metrics(folder: Path, model_id: str) -> list[Metric]:
    found: dict[Metric, None] = {}
    for key in files_below(folder):
        for line in read_text(folder / key).splitlines():
            words = line.split(" ")
            point = _point([word.encode() for word in words])
            if point is None:
                continue
            metric = Metric(
                key=key,
                value=point.value,
                timestamp=point.timestamp,
                step=point.step,
                model_id=model_id,
                run_id=words[3] if len(words) > 3 else None,
                dataset_name=words[4] if len(words) > 5 else None,
                dataset_digest=words[5] if len(words) > 5 else None,
            )
            found[metric] = None
    return list(found)
