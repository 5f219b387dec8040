"""What the sample company looks for and who applies: invented jobs and people. Owns words and numbers, no logic."""

from typing import NamedTuple


class Posting(NamedTuple):
    """A job: title, department, place, skills (the first three required), yearly pay span, openings, applications a week, state and age in days."""

    title: str
    department: str
    city: str
    country: str
    workplace: str
    employment: tuple[str, ...]
    skills: tuple[str, ...]
    pay: tuple[int, int] | None
    openings: int
    weekly: float
    status: str
    age: int
    duty: str


POSTINGS = (
    Posting(
        *("Senior backend engineer", "Platform", "Berlin", "Germany", "hybrid", ("full_time",), ("Python", "PostgreSQL", "Django", "HTMX")),
        *((78_000, 95_000), 2, 7.0, "open", 38, "keep the shop, the till and the stock ledger telling the same truth"),
    ),
    Posting(
        *("Data analyst", "Finance", "", "Netherlands", "remote", ("full_time", "part_time"), ("SQL", "Python", "Excel", "Statistics")),
        *((52_000, 64_000), 3, 7.0, "open", 46, "find out why a figure moved before anybody asks"),
    ),
    Posting(
        *(
            "Bike mechanic",
            "Workshop",
            "Utrecht",
            "Netherlands",
            "onsite",
            ("full_time", "part_time"),
            ("Hydraulics", "Wheel building", "E-bike systems"),
        ),
        *((34_000, 41_000), 3, 1.2, "open", 61, "bring bikes back to their riders the same day"),
    ),
    Posting(
        *("E-bike technician", "Workshop", "Ghent", "Belgium", "onsite", ("full_time",), ("E-bike systems", "Electronics", "Hydraulics")),
        *((38_000, 46_000), 2, 2.0, "open", 33, "diagnose motors and batteries that others give up on"),
    ),
    Posting(
        *("Store manager", "Retail", "Lyon", "France", "onsite", ("full_time",), ("Leadership", "French", "Merchandising")),
        *((41_000, 48_000), 1, 3.6, "open", 29, "run a shop that riders recommend"),
    ),
    Posting(
        *("Customer care agent", "Care", "", "Ireland", "remote", ("part_time",), ("English", "German", "Patience")),
        *((28_000, 33_000), 2, 0.0, "open", 17, "answer the questions of riders, in their words"),
    ),
    Posting(
        *("Warehouse lead", "Logistics", "Rotterdam", "Netherlands", "onsite", ("full_time",), ("Forklift", "WMS", "Leadership")),
        *((39_000, 45_000), 1, 1.8, "open", 24, "get every parcel out by four"),
    ),
    Posting(
        *("Product designer", "Platform", "Copenhagen", "Denmark", "hybrid", ("full_time",), ("Figma", "User research", "Prototyping")),
        *((58_000, 70_000), 1, 6.0, "open", 20, "make dense screens calm"),
    ),
    Posting(
        *("Buyer, accessories", "Purchasing", "Milan", "Italy", "onsite", ("full_time",), ("Negotiation", "Excel", "Italian")),
        *((44_000, 52_000), 1, 1.6, "open", 52, "choose what deserves a place on the shelf"),
    ),
    Posting(
        *("Payroll accountant", "Finance", "Berlin", "Germany", "hybrid", ("part_time",), ("Payroll", "German", "Excel")),
        *((36_000, 42_000), 1, 1.4, "paused", 40, "pay everybody correctly and on time"),
    ),
    Posting(
        *("Workshop apprentice", "Workshop", "Utrecht", "Netherlands", "onsite", ("internship",), ("Curiosity", "Dutch")),
        *(None, 2, 3.0, "open", 9, "learn the trade from the hubs up"),
    ),
    Posting(
        *("Content writer", "Marketing", "", "Worldwide", "remote", ("contract",), ("English", "Writing", "Cycling")),
        *((45_000, 54_000), 1, 4.0, "closed", 95, "write about riding without a single cliché"),
    ),
    Posting(
        *("Logistics planner", "Logistics", "Rotterdam", "Netherlands", "hybrid", ("full_time",), ("Excel", "SQL", "WMS")),
        *((47_000, 55_000), 1, 2.0, "closed", 120, "know where every pallet is before it gets there"),
    ),
    Posting(
        *("Tour guide, spring season", "Retail", "Girona", "Spain", "onsite", ("temporary",), ("Spanish", "First aid", "Cycling")),
        *((24_000, 27_000), 4, 0.0, "draft", 0, "lead guests over the hills and back to lunch"),
    ),
    Posting(
        *("Head of sustainability", "Purchasing", "Copenhagen", "Denmark", "hybrid", ("full_time",), ("Life-cycle analysis", "Negotiation")),
        *((82_000, 96_000), 1, 0.0, "draft", 0, "turn promises about materials into purchase orders"),
    ),
)

ALIASES = (("Postgres", "PostgreSQL"), ("MS Excel", "Excel"), ("py", "Python"))

FIRST_NAMES = (
    *("Ada", "Aino", "Amir", "Anouk", "Bela", "Bruno", "Carla", "Cem", "Chiara", "Dafne", "Dario", "Edith", "Elif", "Emil", "Enzo", "Farah"),
    *("Femke", "Finn", "Gita", "Hana", "Hugo", "Ines", "Ivo", "Jana", "Jonas", "Kaya", "Kenji", "Lara", "Leif", "Lucia", "Malik", "Marta"),
    *("Mila", "Nadia", "Nils", "Noor", "Olga", "Omar", "Paula", "Pavel", "Petra", "Rafa", "Rosa", "Samir", "Selma", "Tariq", "Tess", "Uma"),
    *("Vera", "Viktor", "Wanda", "Yara", "Yusuf", "Zoe"),
)
# Surnames nobody bears: two syllables each, put together by the dice.
FIRST_SYLLABLES = (
    "Bal",
    "Cor",
    "Dren",
    "Fal",
    "Gor",
    "Hesk",
    "Jal",
    "Kor",
    "Lem",
    "Mar",
    "Nev",
    "Or",
    "Pel",
    "Quen",
    "Rav",
    "Sel",
    "Tam",
    "Ulv",
    "Ven",
    "Zar",
)
LAST_SYLLABLES = ("avik", "enholt", "idor", "osker", "umelle", "arion", "estad", "ivane", "omar", "uska", "alind", "evero", "ikken", "ottar", "undry")

NOTES = (
    "Clear answers, asks good questions back.",
    "Strong on the tools, less on working with others. Worth a second look.",
    "Could start next month.",
    "Portfolio is exactly what we need.",
    "Called twice, no answer yet.",
    "Prefers four days a week.",
    "Knows our shops as a customer.",
    "Wants more than our span; told them so.",
)
LETTER = "I have ridden for years and would like to {duty}. In my last place I did the same for {years} years, in a team of {team}."
DESCRIPTION = """You will {duty}.

What you do
- Own the work from the first idea to the day it is used.
- Say early when something does not add up.
- Leave things better documented than you found them.

What you bring
- {skills}.
- The habit of finishing.

What you get
- A bike of your choice, serviced in our own workshop.
- A salary as stated, the same for the same work.
- An answer to your application within five working days."""
