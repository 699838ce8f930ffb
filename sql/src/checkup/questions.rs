//! What the host is asked: one row of each list that tables are made of, one field of each kind of record.

use crate::api::Request;
use crate::model::{CRM, ENTITIES, Entity, Paging};
use crate::probe::Price;
use crate::settings::Settings;

/// Tokens that a page of field definitions costs.
const DEFINITIONS: u32 = 10;
/// What signing in costs: `users/me`.
const SIGN_IN: Price = Price { requests: 1, tokens: 2 };

/// What a question is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    /// The rows of tables.
    Records,
    /// The definitions of their fields.
    Definitions,
}

/// A request that shows whether something may be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// What it is about.
    pub subject: Subject,
    /// The tables that need it.
    pub tables: Vec<&'static str>,
    /// The OAuth scope that it needs.
    pub scope: &'static str,
    /// Its list price in API tokens.
    pub tokens: u32,
    path: &'static str,
    paged: bool,
}

impl Question {
    /// The request: as little as the endpoint gives.
    pub(super) fn request(&self) -> Request {
        let request = Request::new(self.path, self.tokens).scope(self.scope);
        if self.paged { request.with("limit", "1".to_owned()) } else { request }
    }

    /// Its path below `{BaseURL}/api`.
    pub const fn path(&self) -> &'static str {
        self.path
    }
}

/// What the host is asked about the tables of this connection; each path once. Asks nothing.
pub fn questions(settings: &Settings) -> Vec<Question> {
    let mut questions: Vec<Question> = Vec::new();
    let entities = ENTITIES.iter().filter(|entity| settings.selection().has(CRM, entity.name));
    for entity in entities {
        let entity = if settings.include_archived() { entity.with_archived() } else { entity };
        for question in about(entity) {
            match questions.iter_mut().find(|known| known.path == question.path) {
                Some(known) => known.tables.extend(question.tables),
                None => questions.push(question),
            }
        }
    }
    // Each table once, though several of its lists may have one path.
    questions.iter_mut().for_each(|question| question.tables.dedup());
    // Records first: without them definitions are of no use.
    questions.sort_by_key(|question| question.subject == Subject::Definitions);
    questions
}

fn about(entity: &Entity) -> impl Iterator<Item = Question> {
    let (name, paged, scope) = (entity.name, entity.paging == Paging::Cursor, entity.scope);
    let records = entity.lists.iter().map(move |list| Question {
        subject: Subject::Records,
        tables: vec![name],
        scope,
        tokens: list.tokens,
        path: list.path,
        paged,
    });
    let definitions = entity.fields.map(|fields| Question {
        subject: Subject::Definitions,
        tables: vec![name],
        scope: fields.scope,
        tokens: DEFINITIONS,
        path: fields.path,
        paged: true,
    });
    records.chain(definitions)
}

/// What signing in and these questions cost, by list price; a request that fails and is tried again counts again.
pub fn price(questions: &[Question]) -> Price {
    questions
        .iter()
        .fold(SIGN_IN, |sum, question| Price { requests: sum.requests + 1, tokens: sum.tokens + question.tokens })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::Source;

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        let pairs = pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Settings::resolve(&[(Source::ConnectionString, pairs)]).unwrap().0
    }

    #[test]
    fn every_table_has_its_question_and_every_path_is_asked_once() {
        let questions = questions(&settings(&[("CompanyDomain", "acme"), ("PWD", "x")]));
        for entity in ENTITIES {
            let records = questions.iter().filter(|question| question.subject == Subject::Records);
            assert!(
                records.flat_map(|question| &question.tables).any(|table| *table == entity.name),
                "{}",
                entity.name
            );
        }
        let mut paths: Vec<_> = questions.iter().map(|question| question.path).collect();
        paths.sort_unstable();
        let count = paths.len();
        paths.dedup();
        assert_eq!(paths.len(), count);
        assert_eq!(price(&questions).requests, u32::try_from(count).unwrap() + 1);
    }

    #[test]
    fn tables_that_are_left_out_are_not_asked_about() {
        let questions = questions(&settings(&[("CompanyDomain", "acme"), ("PWD", "x"), ("Tables", "stages")]));
        assert_eq!(questions.iter().map(|question| question.path).collect::<Vec<_>>(), ["/v2/stages"]);
        assert_eq!(price(&questions), Price { requests: 2, tokens: 7 });
    }
}
