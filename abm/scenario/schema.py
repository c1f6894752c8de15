"""The shape of a scenario file. Unknown keys, wrong types and numbers without a source are errors."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationError,
    model_validator,
)
from pydantic_core import InitErrorDetails

from abm.scenario.sources import Sources
from abm.scenario.switches import Switch

Layer = Literal["organizational", "interest", "social"]
Status = Literal["seed", "published", "assumed"]
Positive = Annotated[float, Field(gt=0)]
Share = Annotated[float, Field(ge=0, le=1)]
Year = Annotated[int, Field(ge=1900, le=2200)]
Text = Annotated[str, Field(min_length=1)]
MechanismName = Annotated[str, Field(pattern=r"^[A-Za-z_][\w.-]*(:[A-Za-z_]\w*)?$")]


@dataclass(frozen=True)
class Unit:
    """Unit of a field, in words; a note on its type that changes no check."""

    text: str


PEOPLE, SHARE, A_YEAR = Unit("people"), Unit("share"), Unit("share a year")
DISTANCE, SCORE = Unit("0 in the centre to 2"), Unit("score 0 to 1")
INCOME, SIZE = Unit("yuan a head and year"), Unit("persons")


class Table(BaseModel):
    """A table of the file: no unknown keys, no infinities, nothing changed after reading."""

    # strict: "5", 5.0 and true are not the whole number 5
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)


class Provenance(Table):
    """Where a number comes from."""

    source: Text
    status: Status


def _at(key: str, error: ValidationError) -> ValidationError:
    """The same complaints, one table further down."""
    lines = [
        InitErrorDetails(type=e["type"], loc=(key, *e["loc"]), input=e["input"], ctx=e.get("ctx", {}))
        for e in error.errors(include_url=False)
    ]
    return ValidationError.from_exception_data(error.title, lines)


class Sourced(Table):
    """A table whose numbers carry a source and a status.

    ``source`` and ``status`` of the table cover all its numbers; a number with another origin is written as
    ``{ value = 5, source = "…", status = "seed" }``.
    """

    source: Text
    status: Status
    _own: dict[str, Provenance] = PrivateAttr(default_factory=dict)

    @model_validator(mode="wrap")
    @classmethod
    def _unwrap(cls, data: Any, handler: Any) -> Self:
        origin: dict[str, dict[str, Any]] = {}
        if isinstance(data, Mapping):
            data = dict(data)
            for key, value in data.items():
                if isinstance(value, Mapping) and "value" in value:
                    origin[key] = {k: v for k, v in value.items() if k != "value"}
                    data[key] = value["value"]
        table: Self = handler(data)
        for key, given in origin.items():
            try:
                table._own[key] = Provenance.model_validate(given)
            except ValidationError as error:
                raise _at(key, error) from None
        return table

    def provenance(self, key: str) -> Provenance:
        """Source and status of one number."""
        return self._own.get(key, Provenance(source=self.source, status=self.status))


class Header(Table):
    """What the scenario is, when it plays, and which rules act in it."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    title_zh: str = ""
    paper: str
    start_year: Year
    end_year: Year
    switch_year: Year
    base_year: Year
    burn_in: Annotated[int, Field(ge=0, le=100)] = 0
    ticks_per_year: Literal[4, 12] = 4
    budget: Literal["neutral", "withheld"] = "neutral"
    mechanisms: tuple[MechanismName, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _years(self) -> Self:
        if self.end_year < self.start_year:
            raise ValueError("end_year lies before start_year")
        if self.switch_year < self.start_year:
            raise ValueError("switch_year lies before start_year")
        if len(set(self.mechanisms)) < len(self.mechanisms):
            raise ValueError("a mechanism is listed twice")
        return self


class District(Sourced):
    """The whole district at real size."""

    area_km2: Annotated[Positive, Unit("km²")]
    people: Annotated[int, Field(gt=0), PEOPLE]
    floating_people: Annotated[int, Field(ge=0), PEOPLE]


class Outside(Sourced):
    """Paths of the outside world, and their growth after the last year on file (per year, real)."""

    paths: str
    growth_after: Annotated[float, Field(ge=-0.05, le=0.1), A_YEAR]
    inflation_after: Annotated[float, Field(ge=-0.05, le=0.2), A_YEAR]


class Population(Sourced):
    """Margins that the synthesis meets.

    ``fifths`` is a CSV with the columns ``place population year component q1 … q5``; the row with
    ``fifths_place``, ``fifths_population`` and ``fifths_year`` gives the shape, and the district's means in
    the base year the scale.
    """

    fifths: str
    fifths_place: str
    fifths_population: str
    fifths_year: Year
    rural_mean_income: Annotated[Positive, INCOME]
    urban_mean_income: Annotated[Positive, INCOME]
    rural_household_size: Annotated[float, Field(ge=1.2, le=8), SIZE]
    urban_household_size: Annotated[float, Field(ge=1.2, le=8), SIZE]


class PlaceKind(Sourced):
    """What places of one kind have in common at the start.

    ``market_distance`` 0–2 (0 in the centre), ``land_per_head`` mu, ``participation``, ``management`` and ``trust`` in
    0–1; ``idle_yards`` is the share of households with an idle yard (闲置庭院), none if left out; ``amenity`` is the
    natural advantage by sector (farm, tourism, processing, solar, services), 1 being ordinary.
    """

    urban: bool
    market_distance: Annotated[float, Field(ge=0, le=2), DISTANCE]
    land_per_head: Annotated[float, Field(ge=0, le=20), Unit("mu")]
    participation: Annotated[Share, SCORE]
    management: Annotated[Share, SCORE]
    trust: Annotated[Share, SCORE]
    amenity: tuple[Positive, Positive, Positive, Positive, Positive]
    idle_yards: Annotated[Share, Unit("share of households")] = 0.0


class Place(Table):
    """One village (行政村) or community (社区). ``id`` keys its luck and never changes; names are labels.

    What is not given is that of its kind.
    """

    id: Annotated[int, Field(ge=1, le=100_000)]
    name: str = Field(min_length=1)
    name_zh: str = ""
    kind: str
    people: Annotated[int, Field(gt=0), PEOPLE]
    floating: Annotated[int, Field(ge=0), PEOPLE] = 0
    market_distance: Annotated[Annotated[float, Field(ge=0, le=2)] | None, DISTANCE] = None
    land_per_head: Annotated[Annotated[float, Field(ge=0, le=20)] | None, Unit("mu")] = None
    participation: Annotated[Share | None, SCORE] = None
    management: Annotated[Share | None, SCORE] = None
    trust: Annotated[Share | None, SCORE] = None
    idle_yards: Annotated[Share | None, Unit("share of households")] = None


class Places(Sourced):
    """All places with their people; the source covers the numbers of every row."""

    rows: tuple[Place, ...] = Field(min_length=1)


class ContractWeights(Table):
    """Weight of each party of a contract: 公司, 政府, 集体, 村委, 农户; they sum to one."""

    enterprise: Share
    government: Share
    collective: Share
    committee: Share
    households: Share


PARTIES = tuple(ContractWeights.model_fields)
"""The five parties (五位一体), the enterprise first."""


class Contract(Sourced):
    """What project and village bargain by: formal weights, and after how many years anew (0: each time)."""

    weights: Annotated[ContractWeights, Unit("weight")]
    years: Annotated[int, Field(ge=0, le=30), Unit("years")]


class JointPointPlan(Sourced):
    """Links that form at the start of a year: which kind, where, for what share of households or firms."""

    kind: str
    places: str | tuple[str, ...] = "all"
    from_year: Year
    share: Annotated[Share, Unit("share of households or firms")] = 1.0


class Programme(Sourced):
    """Money set aside each year for one kind of joint-point, the same in every arm.

    ``pays_for`` names the kind of link that spends it; ``per_head`` is yuan per resident and year at
    base-year prices and growing with the trend; ``purse`` says whether it is public money or private capital
    from outside, which decides its neutral use.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    layer: Layer
    pays_for: str
    purse: Literal["public", "capital"]
    per_head: Annotated[float, Field(ge=0, le=100_000), INCOME]
    places: str | tuple[str, ...] = "all"
    from_year: Year
    to_year: Year | None = None

    @model_validator(mode="after")
    def _years(self) -> Self:
        if self.to_year is not None and self.to_year < self.from_year:
            raise ValueError("to_year lies before from_year")
        return self


class ParameterValue(Provenance):
    """A parameter that the scenario sets, with its own source."""

    value: float


MOST_FREE = 12
"""Parameters that a calibration may free at most: targets for more are not to be had."""


class Calibration(Table):
    """What ``abm calibrate`` fits and ``--draws`` draws from; it decides nothing in a run.

    ``targets`` and ``posterior`` are files beside the scenario; an empty ``posterior`` undoes one that
    is inherited. ``free`` names parameters in full
    (``wages.worker_variance``); their priors are uniform within ``bounds``, or else within the parameter's own.
    Bounds of a parameter that is not free here, but in a scenario that this one extends, say nothing.
    """

    targets: Text
    posterior: Annotated[str | None, BeforeValidator(lambda name: name or None)] = None
    households: Annotated[int, Field(ge=200)] | None = None
    free: tuple[Text, ...] = Field(min_length=1)
    bounds: dict[str, tuple[float, float]] = {}

    @model_validator(mode="after")
    def _names(self) -> Self:
        if len(self.free) > MOST_FREE:
            raise ValueError(f"frees {len(self.free)} parameters, and {MOST_FREE} are the most")
        if len(set(self.free)) < len(self.free):
            raise ValueError("a parameter is freed twice")
        for name, (low, high) in self.bounds.items():
            if not low < high:
                raise ValueError(f"bounds of '{name}' do not rise")
        return self


class Scenario(Table):
    """A whole scenario, read and checked."""

    scenario: Header
    district: District
    outside: Outside
    population: Population
    place_kinds: dict[str, PlaceKind]
    places: Places
    contract: Contract | None = None
    joint_points: tuple[JointPointPlan, ...] = ()
    programmes: tuple[Programme, ...] = ()
    switches: tuple[Switch, ...] = ()
    parameters: dict[str, ParameterValue] = {}
    calibration: Calibration | None = None
    _file: str = PrivateAttr(default="")
    _content_hash: str = PrivateAttr(default="")
    _data: dict[str, str] = PrivateAttr(default_factory=dict)
    _sources: Sources | None = PrivateAttr(default=None)

    @property
    def sources(self) -> Sources | None:
        """What it was read from, word for word; None for one that code has made."""
        return self._sources

    @property
    def file(self) -> str:
        """The file that it was read from, as the user named it."""
        return self._file

    @property
    def content_hash(self) -> str:
        """SHA-256 of all content: the file, what it extends, its data files and what was set on top."""
        return self._content_hash

    def data(self, name: str) -> str:
        """Text of a data file that the scenario names, as it was when the scenario was read."""
        return self._data[name]

    @property
    def name(self) -> str:
        return self.scenario.name

    @property
    def start_year(self) -> int:
        return self.scenario.start_year

    @property
    def burn_in(self) -> int:
        """Years that the rules run before the first calendar year."""
        return self.scenario.burn_in

    @property
    def end_year(self) -> int:
        """The last calendar year, included."""
        return self.scenario.end_year

    @property
    def switch_year(self) -> int:
        return self.scenario.switch_year

    @property
    def village_names(self) -> tuple[str, ...]:
        return tuple(place.name for place in self.places.rows)

    def feature(self, place: Place, name: str) -> float:
        """A place's own number, or else that of its kind."""
        own = getattr(place, name)
        return float(getattr(self.place_kinds[place.kind], name) if own is None else own)

    def selected(self, places: str | tuple[str, ...]) -> tuple[int, ...]:
        """Row numbers of the places that a selector names: all, villages, communities, a kind, or a list."""
        rows = self.places.rows
        if isinstance(places, tuple):
            return tuple(sorted({i for name in places for i in self.selected(name)}))
        if places == "all":
            return tuple(range(len(rows)))
        if places in ("villages", "communities"):
            urban = places == "communities"
            return tuple(i for i, p in enumerate(rows) if self.place_kinds[p.kind].urban == urban)
        return tuple(i for i, p in enumerate(rows) if p.kind == places or p.name == places)


def keys_of_table(name: str) -> tuple[str, ...]:
    """Keys of a table of scenario files; none for what is no table, or a table whose keys are names."""
    field = Scenario.model_fields.get(name)
    kind = field.annotation if field else None
    return tuple(kind.model_fields) if isinstance(kind, type) and issubclass(kind, Table) else ()


def is_file_key(key: str) -> bool:
    """Whether a dotted key names something of the file itself; if not, it names a parameter.

    A parameter's owner may be called like a table: ``population.fifths`` is of the file, a
    ``population.child_share`` is a parameter.
    """
    table, _, rest = key.partition(".")
    if table not in Scenario.model_fields or table == "parameters":
        return False
    keys = keys_of_table(table)
    return not rest or not keys or rest.partition(".")[0] in keys


SELECTORS = ("all", "villages", "communities")
