"""An ``mlruns`` folder, as MLflow's file store reads it."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from trackside_server.errors import InvalidInput
from trackside_server.imports import known
from trackside_server.tracking.entities import RUN_STATUSES
from trackside_server.tracking.paths import safe_path

from .base import Left, Target

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from trackside_server.imports.records import (
        ExperimentRecord,
        ModelRecord,
        Points,
        RegisteredRecord,
        RunRecord,
        TraceRecord,
        VersionRecord,
    )
    from trackside_server.imports.sources.base import Files
    from trackside_server.imports.tally import Outcome, Tally

_META = "meta.yaml"
_MANIFEST = ".trackside-export.json"
_TRASH = ".trash"
_CHUNK = 1024 * 1024


class Folder(Target):
    """An ``mlruns`` folder.

    Each thing is whole once its ``meta.yaml`` is there, which is written last; without it MLflow
    passes the folder by.
    """

    def __init__(self, root: Path, tally: Tally) -> None:
        self._root = Path(os.path.realpath(root))
        self._tally = tally
        try:
            self._root.mkdir(parents=True, exist_ok=True)
            (self._root / _TRASH).mkdir(exist_ok=True)
        except OSError as error:
            raise InvalidInput(
                f"{root} cannot be written: {error.strerror or error}.",
                hint="Name a folder that is yours.",
            ) from error
        self._taken: dict[str, str] = _manifest(self._root / _MANIFEST)
        self._places = self._existing()
        # Where files were, and where they are in this folder.
        self._moved: dict[str, str] = {}

    def experiment(self, record: ExperimentRecord) -> tuple[str, Outcome]:
        """Take an experiment."""
        for identifier, (name, _) in self._places.items():
            if name == record.name:
                return identifier, "same"
        identifier = record.key
        while identifier in self._places:
            identifier = str(secrets.randbelow(9 * 10**17) + 10**17)
        folder = (self._root / _TRASH if record.deleted else self._root) / identifier
        for key, value in record.tags.items():
            self._text(folder / "tags", key, value)
        self._meta(
            folder,
            artifact_location=str(self._root / identifier),
            creation_time=record.created_at,
            experiment_id=identifier,
            last_update_time=record.updated_at,
            lifecycle_stage=_stage(deleted=record.deleted),
            name=record.name,
        )
        self._places[identifier] = (record.name, folder)
        return identifier, "new"

    def run(
        self,
        record: RunRecord,
        experiment: str,
        points: Callable[[], Iterator[Points]],
        files: Files | None,
    ) -> Outcome:
        """Take a run."""
        place = self._places[experiment][1]
        folder = place / safe_path(record.run_id)
        artifacts = self._root / experiment / record.run_id / "artifacts"
        self._moved[record.artifact_uri] = str(artifacts)
        outcome = self._outcome("run", record.run_id, known.digest(record, files is None), folder)
        if outcome == "same":
            return outcome
        (folder / _META).unlink(missing_ok=True)
        for name in ("params", "metrics", "tags", "artifacts"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        for key, value in record.params.items():
            self._text(folder / "params", key, value)
        for key, value in record.tags.items():
            self._text(folder / "tags", key, value)
        self._inputs(record, folder, place)
        self._points(folder / "metrics", points)
        self._files(folder / "artifacts", files)
        meta: dict[str, Any] = {
            "artifact_uri": str(artifacts) if files is not None else record.artifact_uri,
            "end_time": record.end_time,
            "entry_point_name": "",
            "experiment_id": experiment,
            "lifecycle_stage": _stage(deleted=record.deleted_at is not None),
            "run_id": record.run_id,
            "run_name": record.name,
            "run_uuid": record.run_id,
            "source_name": "",
            "source_type": 4,
            "source_version": "",
            "start_time": record.start_time,
            "status": RUN_STATUSES.index(record.status) + 1,
            "tags": [],
            "user_id": record.user_id,
        }
        if record.deleted_at is not None:
            meta["deleted_time"] = record.deleted_at
        self._meta(folder, **meta)
        self._done("run", record.run_id, known.digest(record, files is None))
        return outcome

    def _points(self, folder: Path, points: Callable[[], Iterator[Points]]) -> None:
        written: set[str] = set()
        for batch in points():
            self._tally.check()
            for key, of_key in batch.items():
                path = self._inside(folder, key)
                if path is None:
                    continue
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("a" if key in written else "w", encoding="utf-8") as file:
                    file.writelines(
                        f"{point.timestamp} {point.value!r} {point.step}\n" for point in of_key
                    )
                written.add(key)
                self._tally.add(points=len(of_key))

    def _inputs(self, record: RunRecord, folder: Path, place: Path) -> None:
        for item in record.datasets:
            dataset = item.dataset
            identifier = _md5(dataset.name, dataset.digest)
            self._meta(
                place / "datasets" / identifier,
                digest=dataset.digest,
                name=dataset.name,
                profile=dataset.profile,
                schema=dataset.schema,
                source=dataset.source,
                source_type=dataset.source_type,
            )
            self._meta(
                folder / "inputs" / _md5(identifier, record.run_id),
                destination_id=record.run_id,
                destination_type="RUN",
                source_id=identifier,
                source_type="DATASET",
                tags=dict(item.tags),
            )
        for link in record.model_inputs:
            self._meta(
                folder / "inputs" / _md5(link.model_id, record.run_id),
                destination_id=record.run_id,
                destination_type="RUN",
                source_id=link.model_id,
                source_type="MODEL",
                tags={},
            )
        for link in record.model_outputs:
            self._meta(
                folder / "outputs" / safe_path(link.model_id),
                # As MLflow writes it: the model stands on both sides, and it reads this one.
                destination_id=link.model_id,
                destination_type="MODEL_OUTPUT",
                source_id=link.model_id,
                source_type="RUN_OUTPUT",
                step=link.step,
                tags={},
            )

    def model(self, record: ModelRecord, experiment: str, files: Files | None) -> Outcome:
        """Take a logged model."""
        folder = self._places[experiment][1] / "models" / safe_path(record.model_id)
        artifacts = self._root / experiment / "models" / record.model_id / "artifacts"
        self._moved[record.artifact_uri] = str(artifacts)
        mark = known.digest(record, files is None)
        outcome = self._outcome("model", record.model_id, mark, folder)
        if outcome == "same":
            return outcome
        (folder / _META).unlink(missing_ok=True)
        for name in ("params", "metrics", "tags", "artifacts"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        for key, value in record.params.items():
            self._text(folder / "params", key, value)
        for key, value in record.tags.items():
            self._text(folder / "tags", key, value)
        lines: dict[str, list[str]] = {}
        for metric in record.metrics:
            words = [metric.timestamp, repr(metric.value), metric.step, metric.run_id]
            if metric.dataset_name and metric.dataset_digest:
                words += [metric.dataset_name, metric.dataset_digest]
            lines.setdefault(metric.key, []).append(" ".join(map(str, words)) + "\n")
        for key, of_key in lines.items():
            self._text(folder / "metrics", key, "".join(of_key))
        self._files(folder / "artifacts", files)
        self._meta(
            folder,
            artifact_location=str(artifacts) if files is not None else record.artifact_uri,
            creation_timestamp=record.created_at,
            experiment_id=experiment,
            last_updated_timestamp=record.updated_at,
            model_id=record.model_id,
            model_type=record.model_type,
            name=record.name,
            source_run_id=record.source_run_id,
            status=record.status,
            status_message=None,
        )
        self._done("model", record.model_id, mark)
        return outcome

    def trace(self, record: TraceRecord, experiment: str, files: Files | None) -> Outcome:
        """Take a trace."""
        folder = self._places[experiment][1] / "traces" / safe_path(record.trace_id)
        mark = known.digest(record, files is None)
        outcome = self._outcome("trace", record.trace_id, mark, folder, "trace_info.yaml")
        if outcome == "same":
            return outcome
        place = self._root / experiment / "traces" / record.trace_id / "artifacts"
        (folder / "request_metadata").mkdir(parents=True, exist_ok=True)
        tags = {**record.tags, "mlflow.artifactLocation": str(place)}
        tags.pop("mlflow.trace.spansLocation", None)
        for key, value in tags.items():
            self._text(folder / "tags", key, value)
        for key, value in record.metadata.items():
            self._text(folder / "request_metadata", key, value)
        self._files(folder / "artifacts", files)
        if record.spans is not None:
            (folder / "artifacts").mkdir(exist_ok=True)
            text = json.dumps({"spans": list(record.spans)})
            (folder / "artifacts" / "traces.json").write_text(text, encoding="utf-8")
        for item in record.assessments:
            name = f"{safe_path(str(item['assessment_id']))}.yaml"
            _write_yaml(folder / "assessments" / name, dict(item))
        info = {
            "client_request_id": record.client_request_id,
            "execution_duration_ms": record.execution_time_ms,
            "request_preview": record.request_preview,
            "response_preview": record.response_preview,
            "request_time": _moment(record.timestamp_ms),
            "state": record.state,
            "trace_id": record.trace_id,
            "trace_location": {
                "mlflow_experiment": {"experiment_id": experiment},
                "type": "MLFLOW_EXPERIMENT",
            },
        }
        told = {key: value for key, value in info.items() if value is not None}
        _write_yaml(folder / "trace_info.yaml", told)
        self._done("trace", record.trace_id, mark)
        return outcome

    def registered(self, record: RegisteredRecord) -> Outcome:
        """Take a registered model."""
        folder = self._root / "models" / safe_path(record.name)
        mark = known.digest(record, sorted(self._moved.values()))
        outcome = self._outcome("registered", record.name, mark, folder)
        if outcome == "same":
            return outcome
        for name in ("tags", "aliases"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        for key, value in record.tags.items():
            self._text(folder / "tags", key, value)
        for alias, version in record.aliases.items():
            self._text(folder / "aliases", alias, str(version))
        for one in record.versions:
            self._version(folder, record.name, one)
        self._meta(
            folder,
            aliases={alias: str(version) for alias, version in record.aliases.items()},
            creation_timestamp=record.created_at,
            description=record.description,
            last_updated_timestamp=record.updated_at,
            name=record.name,
        )
        self._done("registered", record.name, mark)
        return outcome

    def _version(self, folder: Path, name: str, record: VersionRecord) -> None:
        place = folder / f"version-{record.version}"
        (place / "tags").mkdir(parents=True, exist_ok=True)
        for key, value in record.tags.items():
            self._text(place / "tags", key, value)
        source = self._here(record.source)
        self._meta(
            place,
            creation_timestamp=record.created_at,
            current_stage=record.stage,
            description=record.description,
            last_updated_timestamp=record.updated_at,
            model_id=record.model_id,
            name=name,
            run_id=record.run_id,
            run_link=record.run_link,
            source=source,
            status=record.status,
            status_message=record.status_message,
            storage_location=self._storage(source, record),
            user_id=record.user_id,
            version=record.version,
        )
        self._tally.count("versions", "new")

    def _storage(self, source: str, record: VersionRecord) -> str:
        if record.model_id and source == f"models:/{record.model_id}":
            found = [to for to in self._moved.values() if f"/models/{record.model_id}/" in to]
            return found[0] if found else source
        if record.run_id and source.startswith(f"runs:/{record.run_id}/"):
            inside = source.removeprefix(f"runs:/{record.run_id}/")
            found = [to for to in self._moved.values() if f"/{record.run_id}/artifacts" in to]
            return f"{found[0]}/{inside}" if found else source
        return source

    def _here(self, uri: str) -> str:
        for was, now in self._moved.items():
            if was and (uri == was or uri.startswith(was.rstrip("/") + "/")):
                return now + uri[len(was.rstrip("/")) :]
        return uri

    def save(self) -> None:
        """Write down what was taken."""
        aside = self._root / f"{_MANIFEST}.{os.getpid()}"
        aside.write_text(json.dumps(self._taken), encoding="utf-8")
        aside.replace(self._root / _MANIFEST)

    def close(self) -> None:
        """Nothing is open."""

    def _outcome(
        self, kind: str, identifier: str, mark: str, folder: Path, meta: str = _META
    ) -> Outcome:
        exists = (folder / meta).is_file()
        before = self._taken.get(f"{kind} {identifier}")
        if exists and before == mark:
            return "same"
        if exists and before is None:
            raise Left(
                f"{folder} is there already and was not written by an export, so it was left."
            )
        return "changed" if exists else "new"

    def _done(self, kind: str, identifier: str, mark: str) -> None:
        self._taken[f"{kind} {identifier}"] = mark

    def _existing(self) -> dict[str, tuple[str, Path]]:
        from trackside_server.imports.sources.yaml_files import mapping, text

        found = {}
        for parent in (self._root, self._root / _TRASH):
            for folder in parent.iterdir():
                if (folder / _META).is_file() and folder.name != "models":
                    found[folder.name] = (text(mapping(folder / _META), "name"), folder)
        return found

    def _meta(self, folder: Path, **content: Any) -> None:
        _write_yaml(folder / _META, content)

    def _text(self, folder: Path, key: str, value: str) -> None:
        path = self._inside(folder, key)
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(value, encoding="utf-8", newline="")

    def _inside(self, folder: Path, key: str) -> Path | None:
        """Give the file of a key, None where the key would lead elsewhere."""
        if key.startswith("/") or ".." in key.split("/") or "\0" in key or not key.strip("/."):
            self._tally.complain("key", key, f"{key!r} cannot be a file's name, and was left out.")
            return None
        return folder / key

    def _files(self, folder: Path, files: Files | None) -> None:
        if files is None:
            return
        for path, size in files.walk():
            self._tally.check()
            target = folder / safe_path(path)
            if target.is_file() and target.stat().st_size == size:
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            with files.open(path) as source:
                _copy(source, target)
            self._tally.add(files=1, size=size or 0)


def _copy(source: IO[bytes], target: Path) -> None:
    aside = target.with_name(f".{target.name}.{os.getpid()}")
    with aside.open("wb") as file:
        shutil.copyfileobj(source, file, _CHUNK)
    aside.replace(target)


def _write_yaml(path: Path, content: Mapping[str, Any]) -> None:
    import yaml  # only an export writes YAML

    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.{os.getpid()}")
    with aside.open("w", encoding="utf-8") as file:
        yaml.safe_dump(dict(content), file, default_flow_style=False, allow_unicode=True)
    aside.replace(path)


def _manifest(path: Path) -> dict[str, str]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _stage(*, deleted: bool) -> str:
    return "deleted" if deleted else "active"


def _md5(*parts: str) -> str:
    """Give the name that MLflow gives to a folder of these parts."""
    return hashlib.md5("".join(parts).encode(), usedforsecurity=False).hexdigest()


def _moment(milliseconds: int) -> str:
    from trackside_server.traces.times import write_time

    return write_time(milliseconds)
