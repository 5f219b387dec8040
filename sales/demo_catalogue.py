"""What the sample company sells and to whom: invented products, places and people. Owns words and prices, no logic."""

from typing import NamedTuple


class Group(NamedTuple):
    """A category: key, name, key of its parent, default price, season and SKU prefix."""

    key: str
    name: str
    parent: str | None = None
    default_price: str | None = None
    season: str = "all"
    prefix: str = ""


class Item(NamedTuple):
    """A product: category key, name, price (None: the category's default), cost as a share of the price, popularity."""

    category: str
    name: str
    price: str | None
    cost_share: float
    weight: float


CATEGORIES = (
    Group("bikes", "Bikes"),
    Group("trail", "Trail bikes", "bikes", None, "summer", "TRL"),
    Group("city", "City bikes", "bikes", None, "summer", "CTY"),
    Group("electric", "E-bikes", "bikes", None, "summer", "EBK"),
    Group("kids", "Kids bikes", "bikes", None, "gifts", "KID"),
    Group("parts", "Parts"),
    Group("drivetrain", "Drivetrain", "parts", None, "all", "DRV"),
    Group("wheels", "Wheels and tyres", "parts", None, "summer", "WHL"),
    Group("small", "Small parts", "parts", "7.9000", "all", "SML"),
    Group("gear", "Rider gear"),
    Group("helmets", "Helmets", "gear", None, "summer", "HLM"),
    Group("clothing", "Clothing", "gear", None, "winter", "CLO"),
    Group("bags", "Bags and racks", "gear", None, "summer", "BAG"),
    Group("camp", "Camp"),
    Group("tents", "Tents", "camp", None, "summer", "TNT"),
    Group("sleep", "Sleeping", "camp", None, "summer", "SLP"),
    Group("kitchen", "Camp kitchen", "camp", None, "summer", "KIT"),
    Group("care", "Care and tools", None, "12.5000", "all", "CAR"),
    Group("lights", "Lights and locks", None, None, "winter", "LGT"),
)

ITEMS = (
    Item("trail", "Ridge 29 trail bike", "1290.00", 0.55, 1.6),
    Item("trail", "Ridge 27 trail bike", "1090.00", 0.56, 1.0),
    Item("trail", "Scree full suspension", "2450.00", 0.61, 0.5),
    Item("trail", "Heath gravel bike", "1640.00", 0.58, 1.1),
    Item("city", "Commuter 7 city bike", "890.00", 0.66, 1.4),
    Item("city", "Harbour step-through", "760.00", 0.60, 1.2),
    Item("city", "Quay single speed", "540.00", 0.57, 0.8),
    Item("city", "Parcel cargo bike", "2190.00", 0.64, 0.3),
    Item("electric", "Tailwind city e-bike", "2390.00", 0.68, 0.7),
    Item("electric", "Tailwind trail e-bike", "3490.00", 0.70, 0.4),
    Item("electric", "Spare battery 500 Wh", "489.00", 0.62, 0.5),
    Item("kids", "Kids 20 inch", "320.00", 0.60, 1.1),
    Item("kids", "Kids 16 inch", "260.00", 0.61, 1.2),
    Item("kids", "Balance bike Acorn", "119.00", 0.52, 1.8),
    Item("drivetrain", "Chain 11-speed", "34.90", 0.48, 4.0),
    Item("drivetrain", "Cassette 11-42", "89.00", 0.55, 2.0),
    Item("drivetrain", "Crankset alloy 170", "119.00", 0.57, 0.9),
    Item("drivetrain", "Rear derailleur mid cage", "74.00", 0.56, 1.1),
    Item("drivetrain", "Brake pads, pair", "18.50", 0.40, 5.0),
    Item("drivetrain", "Disc rotor 180", "29.00", 0.47, 2.2),
    Item("wheels", "Touring tyre 37-622", "34.00", 0.52, 4.2),
    Item("wheels", "Gravel tyre 45-622", "44.00", 0.53, 3.0),
    Item("wheels", "Trail tyre 29 x 2.4", "52.00", 0.55, 2.6),
    Item("wheels", "Wheelset trail 29", "389.00", 0.62, 0.6),
    Item("wheels", "Rim tape 25 mm", "6.50", 0.35, 2.0),
    Item("small", "Inner tube 28 inch", None, 0.40, 6.5),
    Item("small", "Inner tube 29 inch", None, 0.40, 5.0),
    Item("small", "Valve caps, set of 4", "3.20", 0.25, 2.5),
    Item("small", "Spoke, single", "1.10", 0.30, 3.0),
    Item("small", "Bell, brass", None, 0.45, 2.8),
    Item("helmets", "Helmet Aero M", "89.00", 0.75, 2.0),
    Item("helmets", "Helmet Aero L", "89.00", 0.75, 1.8),
    Item("helmets", "Helmet Trail", "109.00", 0.58, 1.6),
    Item("helmets", "Helmet Kids S", "45.00", 0.51, 2.1),
    Item("clothing", "Rain jacket Squall", "129.00", 0.46, 1.6),
    Item("clothing", "Merino base layer", "69.00", 0.44, 2.2),
    Item("clothing", "Winter gloves", "39.00", 0.42, 3.2),
    Item("clothing", "Thermal tights", "84.00", 0.45, 1.5),
    Item("clothing", "Overshoes", "34.00", 0.43, 1.7),
    Item("bags", "Pannier 18 l pair", "129.00", 0.68, 2.3),
    Item("bags", "Alu rack, rear", "49.00", 0.70, 2.0),
    Item("bags", "Frame bag 4 l", "59.00", 0.49, 1.8),
    Item("bags", "Handlebar basket", "36.00", 0.47, 1.6),
    Item("bags", "Bottle cage, carbon", "28.00", 0.55, 2.4),
    Item("tents", "Lee one-person tent", "219.00", 0.53, 0.8),
    Item("tents", "Lee two-person tent", "289.00", 0.54, 1.0),
    Item("tents", "Tarp 3 x 3", "74.00", 0.46, 0.9),
    Item("sleep", "Down bag −5 °C", "249.00", 0.55, 0.7),
    Item("sleep", "Summer bag", "99.00", 0.50, 1.1),
    Item("sleep", "Air mat, light", "89.00", 0.49, 1.4),
    Item("kitchen", "Gas stove, folding", "54.00", 0.46, 1.3),
    Item("kitchen", "Titanium mug", "29.00", 0.45, 2.0),
    Item("kitchen", "Trail coffee filter", "14.50", 0.38, 1.6),
    Item("care", "Floor pump pro", "64.00", 0.59, 2.2),
    Item("care", "Mini pump", "27.00", 0.48, 2.4),
    Item("care", "Chain lube 100 ml", "9.50", 0.72, 6.0),
    Item("care", "Multitool 16", "32.00", 0.47, 2.5),
    Item("care", "Tyre levers, set", None, 0.36, 2.6),
    Item("care", "Repair stand", "149.00", 0.60, 0.5),
    Item("lights", "LED set, USB", "39.00", 0.60, 3.6),
    Item("lights", "Dynamo headlight", "79.00", 0.56, 1.3),
    Item("lights", "Folding lock", "69.00", 0.54, 1.9),
    Item("lights", "U-lock 230", "54.00", 0.52, 1.8),
    Item("lights", "Reflective vest", "17.00", 0.33, 2.2),
)

# Months January to December; 1 is an ordinary month.
SEASONS = {
    "all": (0.9, 0.9, 1.0, 1.1, 1.1, 1.1, 1.1, 1.0, 1.0, 1.0, 1.0, 1.1),
    "summer": (0.4, 0.5, 0.9, 1.4, 1.7, 1.8, 1.7, 1.4, 1.0, 0.7, 0.5, 0.6),
    "winter": (1.5, 1.3, 1.0, 0.7, 0.5, 0.4, 0.4, 0.6, 1.0, 1.5, 1.8, 1.9),
    "gifts": (0.5, 0.6, 1.0, 1.2, 1.2, 1.2, 1.0, 0.9, 0.8, 0.9, 1.5, 2.6),
}

COLOURS = ("ash", "moss", "clay", "ink", "sand", "slate", "rust", "fern", "plum", "sky", "chalk", "coal", "straw")
FINISHES = ("XS", "S", "M", "L", "XL", "XXL")

TIERS = (("Standard", "0", "0"), ("Silver", "1000", "0.03"), ("Gold", "4000", "0.07"), ("Platinum", "12000", "0.12"))
CHANNELS = ("Web shop", "Store", "Phone", "Marketplace")
SALESPEOPLE = ("Maren Oakhurst", "Tobin Ferrow", "Ilse Quillon", "Dario Penhale", "Suri Lindqvale", "Edda Marrow")

FIRST_NAMES = (
    "Alder", "Briony", "Cass", "Dalia", "Ewan", "Fenna", "Gorse", "Hazel", "Ivo", "Juno", "Kester", "Linnet", "Marlow", "Nell", "Orrin",
    "Perrin", "Quilla", "Rowan", "Saffron", "Thistle", "Una", "Vesper", "Wren", "Xanthe", "Yarrow", "Zeph", "Ansel", "Bramble", "Clover", "Dune",
)  # fmt: skip
LAST_NAMES = (
    "Ashgrove", "Birchwater", "Coldharrow", "Dunmere", "Elderfen", "Foxmantle", "Greywick", "Hollowell", "Inkpenny", "Jackdale", "Kettleby",
    "Larkspur", "Mossop", "Netherby", "Oakapple", "Puddlecote", "Quickthorn", "Rushmere", "Saltmarsh", "Tanglewood", "Underhay", "Vinterfall",
    "Wetherlam", "Yewtree", "Zellwood", "Applegarth", "Brackenridge", "Cloudesley", "Driftwell", "Emberley", "Fallowfield", "Gullhaven",
    "Hawksworthy", "Isleworn", "Juniperley", "Knapweed", "Lowenthorn", "Meadowsweet", "Nightingale-Rook", "Otterbourne",
)  # fmt: skip
# Country and one of its towns, repeated as often as customers live there.
PLACES = (
    ("Germany", "Freiburg"), ("Germany", "Leipzig"), ("Germany", "Bremen"), ("Germany", "Kassel"), ("Netherlands", "Utrecht"),
    ("Netherlands", "Zwolle"), ("Netherlands", "Breda"), ("Austria", "Graz"), ("Austria", "Linz"), ("Denmark", "Odense"), ("Denmark", "Aarhus"),
    ("Ireland", "Galway"), ("Ireland", "Cork"), ("France", "Nantes"), ("France", "Annecy"), ("Belgium", "Ghent"), ("Switzerland", "Bern"),
    ("Sweden", "Malmö"),
)  # fmt: skip
HOME_COUNTRY = "Germany"
