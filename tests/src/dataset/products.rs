//! Products: what the company sells, and for how much.

use super::amount::Amount;
use super::custom::{self, CUSTOM_PRODUCT, CustomValue};
use super::draw::{Draw, Kind, Of};
use super::words::{PRODUCT_LINES, PRODUCT_MODELS, PRODUCT_TEXTS, ProductLine};
use super::{Dataset, once_in};

/// A product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// From 1, with gaps.
    pub id: i64,
    /// What people see.
    pub name: String,
    /// `""` for some.
    pub code: Option<String>,
    /// `""` for some.
    pub description: Option<&'static str>,
    /// What it is counted in; `""` for some.
    pub unit: Option<&'static str>,
    /// Percent.
    pub tax: Amount,
    /// An option of the field `category`; the JSON has it as text.
    pub category: Option<i64>,
    /// It can be added to deals.
    pub is_linkable: bool,
    /// Deleted rows are not listed.
    pub is_deleted: bool,
    /// Who sees it.
    pub visible_to: i64,
    /// A user.
    pub owner_id: i64,
    /// In seconds since 1970.
    pub add_time: i64,
    /// In seconds since 1970; `None` for some fresh rows.
    pub update_time: Option<i64>,
    /// How often it is billed; the member does not exist on the lower plans.
    pub billing_frequency: &'static str,
    /// How many times it is billed; `None` for once and for ever.
    pub billing_frequency_cycles: Option<i64>,
    /// One for each currency; none for some.
    pub prices: Vec<Price>,
    /// Values in the order of the custom fields.
    pub custom: Vec<Option<CustomValue>>,
}

/// The price in one currency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price {
    /// What a customer pays.
    pub price: Amount,
    /// Three letters.
    pub currency: &'static str,
    /// What the company pays.
    pub cost: Amount,
    /// Other cost of each.
    pub direct_cost: Option<Amount>,
    /// `""` for most.
    pub notes: &'static str,
}

/// What lists filter and sort by: cheap to make.
#[derive(Debug, Clone, Copy)]
pub(crate) struct ProductKeys {
    pub(crate) id: i64,
    pub(crate) owner_id: i64,
    pub(crate) add_time: i64,
    pub(crate) update_time: Option<i64>,
    pub(crate) is_deleted: bool,
    number: i64,
    draw: Draw,
}

impl ProductKeys {
    /// Lines and models combined, so that the first hundred names differ.
    fn name(&self) -> String {
        format!("{} {}", self.line().name, PRODUCT_MODELS[self.model()])
    }

    fn line(&self) -> ProductLine {
        PRODUCT_LINES[self.position() % PRODUCT_LINES.len()]
    }

    /// The place of the model, which differs from line to line.
    fn model(&self) -> usize {
        (self.position() / PRODUCT_LINES.len() + self.position() + 1) % PRODUCT_MODELS.len()
    }

    fn position(&self) -> usize {
        usize::try_from(self.number - 1).unwrap_or_default()
    }
}

impl Dataset {
    /// What lists need to know of a product.
    pub(crate) fn product_keys(&self, id: i64) -> Option<ProductKeys> {
        let place = self.product_numbers.place(id)?;
        let draw = self.draw(Kind::Product, id);
        let add_time = self.add_time(place.number, self.product_numbers, draw);
        Some(ProductKeys {
            id,
            owner_id: self.owner(draw),
            add_time,
            update_time: self.update_time(place.number, self.product_numbers, add_time, draw),
            is_deleted: place.hidden.is_some(),
            number: place.number,
            draw,
        })
    }

    /// The place of a product in the order of names, counted from 0.
    pub(crate) fn product_rank(&self, id: i64) -> Option<i64> {
        let names = self.product_names.get_or_init(|| {
            let keys = self.product_numbers.ids().filter_map(|id| self.product_keys(id));
            let mut names: Vec<String> = keys.map(|keys| keys.name()).collect();
            names.sort_unstable();
            names.dedup();
            names
        });
        let rank = names.binary_search(&self.product_keys(id)?.name()).ok()?;
        i64::try_from(rank).ok()
    }

    /// The product with this id, deleted or not.
    #[must_use]
    pub fn product(&self, id: i64) -> Option<Product> {
        let keys = self.product_keys(id)?;
        let draw = keys.draw;
        let line = keys.line();
        let worth = line.price * (100 + draw.below(Of::Value, 150)) / 100;
        let billing_frequency = draw.pick(Of::Cycle, line.billing);
        let endless = billing_frequency == "one-time" || draw.chance(Of::Closed, 40);
        Some(Product {
            id,
            name: keys.name(),
            code: match draw.below(Of::Key, 10) {
                0 => None,
                1 => Some(String::new()),
                _ => Some(format!("BB-{:04}", 100 + keys.number * 7)),
            },
            description: draw.chance(Of::Note, 60).then(|| draw.pick(Of::Lost, PRODUCT_TEXTS)),
            unit: draw.chance(Of::Stage, 85).then_some(line.unit),
            tax: draw
                .pick(Of::Revenue, &[Amount::new(19, 0), Amount::new(7, 0), Amount::new(0, 0), Amount::new(55, 1)]),
            category: draw.chance(Of::Industry, 80).then_some(line.category),
            is_linkable: !once_in(keys.number, 13, 5),
            is_deleted: keys.is_deleted,
            visible_to: 3,
            owner_id: keys.owner_id,
            add_time: keys.add_time,
            update_time: keys.update_time,
            billing_frequency,
            billing_frequency_cycles: (!endless).then(|| 1 + draw.below(Of::Won, 24)),
            prices: prices(draw, worth),
            custom: custom::values(
                self,
                CUSTOM_PRODUCT,
                custom::Base { draw, around: keys.add_time, currency: "EUR", worth },
            ),
        })
    }
}

/// In euros, in most cases in dollars, too; a few products have no price.
fn prices(draw: Draw, worth: i64) -> Vec<Price> {
    let form = draw.below(Of::ValueForm, 12);
    let price = |currency, of, notes| {
        let amount = match draw.below(of, 4) {
            0 => Amount::new(worth, 0),
            1 => Amount::new(worth * 10 + 5, 1),
            2 => Amount::new(worth * 10, 1),
            _ => Amount::new(worth * 100 + 90 + draw.below(Of::ValueSpread, 10), 2),
        };
        let direct_cost = draw.chance(Of::Expected, 30).then(|| Amount::new(worth, 2));
        Price { price: amount, currency, cost: Amount::new(worth * 6, 1), direct_cost, notes }
    };
    match form {
        0 => Vec::new(),
        1..=4 => vec![price("EUR", Of::Email, "")],
        _ => vec![price("EUR", Of::Email, ""), price("USD", Of::Phone, draw.pick(Of::Job, &["", "Overseas, \"FOB\""]))],
    }
}
