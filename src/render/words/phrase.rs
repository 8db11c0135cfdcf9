//! One message of a catalogue, made ready for the many times that a site of thousands of pages says it.
//!
//! Nearly all messages are a text, or a text with values in it; these are taken apart once. What chooses between
//! forms, as a plural does, is left to Fluent.

use fluent_syntax::ast::{Expression, InlineExpression, Pattern, PatternElement};
use fluent_syntax::unicode::unescape_unicode_to_string;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phrase {
    Plain(String),
    Filled(Vec<Part>),
    /// Fluent decides at each use.
    Chosen,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    Text(String),
    /// The name of a value.
    Value(String),
}

impl Phrase {
    pub fn of(pattern: &Pattern<&str>) -> Self {
        let mut parts = Vec::new();
        for element in &pattern.elements {
            let part = match element {
                PatternElement::TextElement { value } => Part::Text((*value).to_owned()),
                PatternElement::Placeable { expression: Expression::Inline(inline) } => match inline {
                    InlineExpression::StringLiteral { value } => {
                        Part::Text(unescape_unicode_to_string(value).into_owned())
                    }
                    InlineExpression::VariableReference { id } => Part::Value(id.name.to_owned()),
                    InlineExpression::NumberLiteral { .. }
                    | InlineExpression::FunctionReference { .. }
                    | InlineExpression::MessageReference { .. }
                    | InlineExpression::TermReference { .. }
                    | InlineExpression::Placeable { .. } => return Phrase::Chosen,
                },
                PatternElement::Placeable { expression: Expression::Select { .. } } => return Phrase::Chosen,
            };
            parts.push(part);
        }
        let text = |part: &Part| match part {
            Part::Text(text) => Some(text.clone()),
            Part::Value(_) => None,
        };
        match parts.iter().map(text).collect::<Option<String>>() {
            Some(text) => Phrase::Plain(text),
            None => Phrase::Filled(parts),
        }
    }
}
