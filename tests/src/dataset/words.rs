//! The words that names, titles and notes are made of.
//!
//! The company sells coffee machines, beans and service to offices. Some words are there to be awkward: quotes,
//! accents, other scripts, characters beyond the Basic Multilingual Plane.

/// A town with what an address needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Town {
    pub(super) locality: &'static str,
    pub(super) region: &'static str,
    pub(super) country: &'static str,
    pub(super) postal_code: &'static str,
    /// The currency that its organizations pay in.
    pub(super) currency: &'static str,
}

const fn town(
    locality: &'static str,
    region: &'static str,
    country: &'static str,
    postal_code: &'static str,
    currency: &'static str,
) -> Town {
    Town { locality, region, country, postal_code, currency }
}

pub(super) const TOWNS: &[Town] = &[
    town("Berlin", "Berlin", "Germany", "10117", "EUR"),
    town("Hamburg", "Hamburg", "Germany", "20095", "EUR"),
    town("München", "Bayern", "Germany", "80331", "EUR"),
    town("Leipzig", "Sachsen", "Germany", "04109", "EUR"),
    town("Wien", "Wien", "Austria", "1010", "EUR"),
    town("Graz", "Steiermark", "Austria", "8010", "EUR"),
    town("Paris", "Île-de-France", "France", "75002", "EUR"),
    town("Lyon", "Auvergne-Rhône-Alpes", "France", "69001", "EUR"),
    town("Amsterdam", "Noord-Holland", "Netherlands", "1012", "EUR"),
    town("Tallinn", "Harju maakond", "Estonia", "10111", "EUR"),
    town("Tartu", "Tartu maakond", "Estonia", "51003", "EUR"),
    town("Dublin", "Leinster", "Ireland", "D02", "EUR"),
    town("Boston", "Massachusetts", "United States", "02108", "USD"),
    town("Chicago", "Illinois", "United States", "60601", "USD"),
    town("Austin", "Texas", "United States", "78701", "USD"),
    town("Portland", "Oregon", "United States", "97201", "USD"),
    town("Toronto", "Ontario", "Canada", "M5H", "USD"),
    town("東京", "東京都", "Japan", "100-0001", "USD"),
];

pub(super) const STREETS: &[&str] = &[
    "Main Street",
    "Harbour Road",
    "Lindenallee",
    "Schlossplatz",
    "Rue de la Gare",
    "Keizersgracht",
    "Pikk tänav",
    "Bahnhofstraße",
    "Market Square",
    "Mill Lane",
    "Station Road",
    "Parkway",
    "St. Mary's Lane",
    "Goethestraße",
];

pub(super) const FIRST_NAMES: &[&str] = &[
    "Anna", "Ben", "Clara", "David", "Elif", "Felix", "Greta", "Hugo", "Ines", "Jonas", "Katrin", "Liam", "Maja",
    "Noah", "Olivia", "Paul", "Ruth", "Samir", "Tiina", "Uwe", "Vera", "William", "Yara", "Zoë", "Márta", "Øystein",
    "Søren", "Amélie", "Kristjan", "Priya", "Mateo", "Hannah", "Oskar", "Leila", "Tom", "Nadia", "Emil", "Grace",
];

pub(super) const LAST_NAMES: &[&str] = &[
    "Albrecht",
    "Baker",
    "Costa",
    "Dubois",
    "Eriksson",
    "Fischer",
    "Garcia",
    "Hansen",
    "Ivanova",
    "Jansen",
    "Keller",
    "Lehmann",
    "Moreau",
    "Novak",
    "O'Brien",
    "Petersen",
    "Quinn",
    "Rossi",
    "Schneider",
    "Tamm",
    "Ulrich",
    "van Dijk",
    "Weber",
    "Young",
    "Zimmermann",
    "Núñez",
    "Saar",
    "Walsh",
    "Kowalski",
    "Brandt",
    "D'Angelo",
    "Hoffmann",
    "Lind",
    "Müller",
    "Singh",
    "Tanaka",
];

pub(super) const USER_NAMES: &[(&str, &str)] = &[
    ("Helen", "Marsh"),
    ("Lukas", "Brenner"),
    ("Sofia", "Lindqvist"),
    ("Daniel", "Okafor"),
    ("Mireille", "Fontaine"),
    ("Jaan", "Kask"),
    ("Priya", "Raman"),
    ("Tomás", "Herrera"),
    ("Ingrid", "Solberg"),
    ("Owen", "Gallagher"),
    ("Chiara", "Bellini"),
    ("Piotr", "Zielinski"),
];

pub(super) const COMPANY_STEMS: &[&str] = &[
    "Nordwind",
    "Blue Harbor",
    "Falkenberg",
    "Green Valley",
    "Kestrel",
    "Lindner",
    "Maplewood",
    "Northgate",
    "Oakridge",
    "Pinnacle",
    "Quantum",
    "Riverside",
    "Silverline",
    "Talvi",
    "Urban",
    "Vantage",
    "Westfield",
    "Alder",
    "Brightwater",
    "Cobalt",
    "Delta",
    "Evergreen",
    "Fjord",
    "Granite",
    "Horizon",
    "Ivory",
    "Juniper",
    "Kalda",
    "Lumen",
    "Meridian",
];

pub(super) const COMPANY_TRADES: &[&str] = &[
    "Logistics",
    "Media",
    "Analytics",
    "Architects",
    "Insurance",
    "Law",
    "Robotics",
    "Studios",
    "Consulting",
    "Textiles",
    "Pharma",
    "Software",
    "Publishing",
    "Engineering",
    "Foods",
    "Travel",
];

/// Names that are hard to carry: quotes, `&`, other scripts, beyond the Basic Multilingual Plane.
pub(super) const AWKWARD_COMPANIES: &[&str] = &[
    "\"Acme\" & Söhne",
    "株式会社𠮷野",
    "L'Étoile d'Or",
    "Back\\slash Works",
    "Ünal Ticaret A.Ş. 🏭",
    "100% Natural; Foods",
    "{Curly} Braces, Inc.",
];

pub(super) const PRODUCTS: &[&str] = &[
    "espresso machines",
    "coffee corner",
    "bean subscription",
    "service contract",
    "filter machines",
    "milk coolers",
    "barista training",
    "vending machines",
    "water dispensers",
    "espresso bar rental",
    "spare parts",
    "office plants",
];

/// A line of products, of which there are several models.
#[derive(Debug, Clone, Copy)]
pub(super) struct ProductLine {
    pub(super) name: &'static str,
    /// An option of the field `category`.
    pub(super) category: i64,
    /// `""` where nobody chose one.
    pub(super) unit: &'static str,
    /// What the smallest model costs.
    pub(super) price: i64,
    /// How often it is billed.
    pub(super) billing: &'static [&'static str],
}

const fn line(
    name: &'static str,
    category: i64,
    unit: &'static str,
    price: i64,
    billing: &'static [&'static str],
) -> ProductLine {
    ProductLine { name, category, unit, price, billing }
}

const ONCE: &[&str] = &["one-time"];
const AT_TIMES: &[&str] = &["one-time", "monthly", "weekly"];
const RENTED: &[&str] = &["monthly", "quarterly", "annually"];

/// What the company sells.
pub(super) const PRODUCT_LINES: &[ProductLine] = &[
    line("Bellavista espresso machine", 51, "piece", 2_400, ONCE),
    line("Nordlicht filter machine", 51, "piece", 390, ONCE),
    line("House blend", 52, "kg", 18, AT_TIMES),
    line("Single origin", 52, "kg", 26, AT_TIMES),
    line("Milk cooler", 51, "piece", 310, ONCE),
    line("Service contract", 53, "month", 49, RENTED),
    line("Barista training", 53, "hour", 75, ONCE),
    line("Grinder", 54, "piece", 180, ONCE),
    line("Café crème 🥐", 52, "", 4, AT_TIMES),
];

/// What is said of products; `""` where a text was deleted.
pub(super) const PRODUCT_TEXTS: &[&str] = &[
    "Up to 60 cups an hour, with water connection.",
    "Roasted in small batches.\nNotes of \"dark chocolate\" & plum.",
    "Für Büros bis 40 Personen – Anfahrt inklusive.",
    "",
];

pub(super) const PRODUCT_MODELS: &[&str] =
    &["S", "M", "L", "XL", "Pro", "2026", "\"Edition\"", "Basic", "Plus", "for two", "14-day", "Øko", "mini"];

/// A kind of activity.
#[derive(Debug, Clone, Copy)]
pub(super) struct ActivityKind {
    /// The value of `type`.
    pub(super) key: &'static str,
    /// Subjects, with a product in place of `%`.
    pub(super) subjects: &'static [&'static str],
    /// It takes place somewhere, and people are invited.
    pub(super) has_place: bool,
}

const fn activity(key: &'static str, subjects: &'static [&'static str], has_place: bool) -> ActivityKind {
    ActivityKind { key, subjects, has_place }
}

/// Kinds of activity; those that are frequent come more than once.
pub(super) const ACTIVITIES: &[ActivityKind] = &[
    activity("call", &["First call about %", "Follow-up call: %", "Call back"], false),
    activity("call", &["Call about the offer for %", "Ask for a decision"], false),
    activity("meeting", &["Demo: %", "Negotiation: %", "Meet the team"], true),
    activity("meeting", &["Tasting", "Review: %"], true),
    activity("task", &["Write the offer for %", "Send samples", "Check stock of %"], false),
    activity("email", &["Send brochure: %", "Thank-you note"], false),
    activity("deadline", &["Offer for % ends", "Contract to be signed"], false),
    activity("lunch", &["Lunch", "Lunch & tasting"], true),
    activity("site_visit", &["Measure the place for %", "Check water connection"], true),
];

/// Titles that are hard to carry.
pub(super) const AWKWARD_TITLES: &[&str] = &[
    "Relaunch 🚀 coffee corner 𝒳",
    "Rahmenvertrag \"Café 2026\"",
    "It's urgent; call back",
    "三台のコーヒーメーカー",
    "50 % off? 100_000 cups",
    "Line one\nline two",
    "Tab\there, back\\slash there",
    " leading and trailing ",
];

pub(super) const LOST_REASONS: &[&str] = &["Price", "Competitor", "No budget", "No answer", "Postponed", ""];

pub(super) const JOBS: &[&str] = &[
    "Office Manager",
    "Head of Procurement",
    "Facility Manager",
    "CEO",
    "CFO",
    "Assistant",
    "Team Lead",
    "HR Manager",
];

pub(super) const NOTES: &[&str] = &[
    "Prefers a call in the afternoon.",
    "Met at the trade fair.\nWants a demo of the new grinder.",
    "Says \"never on Mondays\".",
    "Rückruf vereinbart – Angebot liegt vor.",
    "Tasting went well ☕🎉",
    "",
];

pub(super) const LONG_TEXTS: &[&str] = &[
    "Needs a machine for 40 people on two floors.\nWater connection exists on the first floor only.",
    "Current supplier's contract ends in March; they asked for three offers and will decide in two rounds.",
    "Wants organic beans (\"fair trade\"), oat milk, and no capsules.\r\nInvoice to headquarters.",
    "試飲会の後に決定します。☕ 𠮷",
    "Procurement runs through their portal; budget is approved up to 20,000.",
];
