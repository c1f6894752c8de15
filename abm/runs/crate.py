"""A pack's description as a research object (RO-Crate): who made what, with which software, out of which files.

RO-Crate 1.2 (https://w3id.org/ro/crate/1.2): metadata that archives and their search engines read. Names, licence and
date come from a ``CITATION.cff``; nothing is looked up anywhere.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import abm
from abm.core.errors import InputError
from abm.model.environment import PACKAGES
from abm.records import store
from abm.records.schema import TABLES

CRATE = "ro-crate-metadata.json"
_VERSION = "1.2"
_FORMATS = {
    ".toml": "application/toml",
    ".csv": "text/csv",
    ".json": "application/json",
    ".parquet": "application/vnd.apache.parquet",
    ".md": "text/markdown",
    ".txt": "text/plain",
    ".py": "text/x-python",
    ".cff": "application/yaml",
}


@dataclass(frozen=True)
class Citation:
    """What a ``CITATION.cff`` says: text of the file, title, authors (as its entries), licence (SPDX) and date."""

    text: str
    title: str
    authors: tuple[Mapping[str, Any], ...]
    licence: str | None
    date: str | None


@dataclass(frozen=True)
class Packed:
    """A file of a pack: SHA-256 and size in bytes."""

    sha256: str
    size: int


def own_citation() -> Path | None:
    """The ``CITATION.cff`` of this software; None where it is installed without one."""
    root = Path(abm.__file__).resolve().parents[1]
    path = root / "CITATION.cff"
    return path if path.is_file() and (root / "pyproject.toml").is_file() else None


def read_citation(path: Path) -> Citation:
    """Read a ``CITATION.cff``.

    Raises:
        InputError: it cannot be read, or names no authors.
    """
    import yaml

    mend = "give a CITATION.cff with title and authors"
    try:
        text = path.read_text(encoding="utf-8-sig")
        said = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError, yaml.YAMLError):
        raise InputError("cannot be read", file=path, key="--citation", mend=mend) from None
    authors = said.get("authors") if isinstance(said, dict) else None
    if not isinstance(authors, list) or not authors or not all(isinstance(one, dict) for one in authors):
        raise InputError("names no authors", file=path, key="--citation", mend=mend)
    licence = said.get("license")
    licence = licence[0] if isinstance(licence, list) and licence else licence
    return Citation(
        text=text,
        title=str(said.get("title", "")),
        authors=tuple(authors),
        licence=str(licence) if licence else None,
        date=str(said["date-released"]) if said.get("date-released") else None,
    )


def description(manifest: Mapping[str, Any], files: Mapping[str, Packed], citation: Citation | None) -> bytes:
    """The text of ``ro-crate-metadata.json``.

    Args:
        manifest: of the results.
        files: all other files of the pack, by path.
        citation: who publishes it; None: nobody is named.
    """
    from rocrate.model.contextentity import ContextEntity
    from rocrate.rocrate import ROCrate

    crate = ROCrate(version=_VERSION)
    root, scenario = crate.root_dataset, manifest["scenario"]
    del root["datePublished"]  # rocrate puts the present moment there, and equal folders have equal packs
    root["name"] = f"{scenario['title']}: {manifest['command']}, {len(manifest['runs'])} runs"
    root["description"] = (
        f"Scenario, results and digests of an experiment with abm {manifest['version']}; "
        "README.md says how to repeat it."
    )
    root["identifier"] = manifest["experiment"]
    parts = _add_files(crate, files)
    software = _add_software(crate, manifest)
    action = crate.add(
        ContextEntity(
            crate,
            "#runs",
            properties={
                "@type": "CreateAction",
                "name": f"abm {manifest['command']} {scenario['name']}",
                "instrument": software[0],
                "object": [part for name, part in parts.items() if name.startswith(("scenario/", "code/"))],
                "result": [
                    part for name, part in parts.items() if name.startswith("results/") and name[-1] == "/"
                ]
                + [parts[f"results/{store.MANIFEST}"]],
            },
        )
    )
    root["mentions"] = [action]
    if citation is not None:
        _add_citation(crate, citation)
    graph = crate.metadata.generate()
    return (json.dumps(graph, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


def _add_files(crate: Any, files: Mapping[str, Packed]) -> dict[str, Any]:
    """Each file with its SHA-256, and the folder of each table, by path."""
    parts: dict[str, Any] = {}
    tables = [name for name in TABLES if any(path.startswith(f"results/{name}/") for path in files)]
    for name in (*tables, store.MARKERS):
        about = f"table '{name}', one file a run" if name in TABLES else "digests of each run's tables"
        parts[f"results/{name}/"] = crate.add_dataset(
            dest_path=f"results/{name}/", properties={"name": about, "hasPart": []}
        )
    for path, file in sorted(files.items()):
        said = {"name": path, "sha256": file.sha256, "contentSize": str(file.size)}
        kind = _FORMATS.get(Path(path).suffix)
        parts[path] = crate.add_file(
            dest_path=path, properties={**said, **({"encodingFormat": kind} if kind else {})}
        )
        folder = parts.get(path[: path.rfind("/") + 1])
        if folder is not None:
            folder.append_to("hasPart", parts[path])
    return parts


def _add_software(crate: Any, manifest: Mapping[str, Any]) -> list[Any]:
    """This program first, then Python and the libraries that may decide a last bit."""
    from rocrate.model.softwareapplication import SoftwareApplication

    used = manifest["environment"]
    names = {"abm": "abm (jiedian)", "python": "Python", **{package: package for package in PACKAGES}}
    made = [
        crate.add(
            SoftwareApplication(crate, f"#software-{key}", properties={"name": name, "version": used[key]})
        )
        for key, name in names.items()
        if key in used
    ]
    made[0]["softwareRequirements"] = made[1:]
    return made


def _add_citation(crate: Any, citation: Citation) -> None:
    """Authors, licence and date."""
    from rocrate.model.contextentity import ContextEntity
    from rocrate.model.person import Person

    root, authors = crate.root_dataset, []
    for number, said in enumerate(citation.authors, 1):
        orcid = said.get("orcid")
        key = str(orcid) if orcid else f"#author-{number}"
        if "name" in said:  # a group
            about = {"@type": "Organization", "name": str(said["name"])}
            authors.append(crate.add(ContextEntity(crate, key, properties=about)))
            continue
        given, family = str(said.get("given-names", "")), str(said.get("family-names", ""))
        about = {"name": f"{given} {family}".strip()}
        if said.get("affiliation"):
            about["affiliation"] = str(said["affiliation"])
        authors.append(crate.add(Person(crate, key, properties=about)))
    root["author"] = authors
    if citation.licence:
        about = {"@type": "CreativeWork", "name": citation.licence}
        address = f"https://spdx.org/licenses/{citation.licence}"
        root["license"] = crate.add(ContextEntity(crate, address, properties=about))
    if citation.date:
        root["datePublished"] = citation.date
