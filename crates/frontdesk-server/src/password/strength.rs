//! How hard a password is to guess, as zxcvbn estimates it: the same estimate that the sign-up form shows.

use frontdesk_types::Secret;
use serde_json::{Value, json};
use zxcvbn::feedback::{Feedback, Suggestion};

use crate::errors::{self, ApiError};

/// Refuses a password below the lowest strength, from 1 to 4. Takes milliseconds: call it off the async threads.
pub(super) fn check(password: &Secret, words: &[String], lowest: u8, param: &str) -> Result<(), ApiError> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let estimate = zxcvbn::zxcvbn(password.expose(), &words);
    if u8::from(estimate.score()) >= lowest {
        return Ok(());
    }
    let suggestions =
        estimate.feedback().map_or(&[Suggestion::AddAnotherWordOrTwo][..], Feedback::suggestions);
    let suggestions: Vec<Value> = suggestions
        .iter()
        .map(|suggestion| json!({ "code": code(*suggestion), "message": suggestion.to_string() }))
        .collect();
    Err(errors::password_not_strong_enough().at(param).with("zxcvbn", json!({ "suggestions": suggestions })))
}

/// What somebody who knows these identifiers would try first: each of them, and the parts of an address.
pub(super) fn words(identifiers: &[&str]) -> Vec<String> {
    let whole = identifiers.iter().map(|identifier| (*identifier).to_owned());
    let parts = identifiers.iter().filter(|identifier| identifier.contains('@'));
    let parts = parts.flat_map(|address| address.split(['@', '.', '+', '-', '_']));
    whole.chain(parts.filter(|part| part.len() > 2).map(str::to_owned)).collect()
}

/// The name under which the SDKs know a suggestion (`unstable__errors.zxcvbn.suggestions` of their texts).
fn code(suggestion: Suggestion) -> &'static str {
    match suggestion {
        Suggestion::UseAFewWordsAvoidCommonPhrases => "useWords",
        Suggestion::NoNeedForSymbolsDigitsOrUppercaseLetters => "noNeed",
        Suggestion::AddAnotherWordOrTwo => "anotherWord",
        Suggestion::CapitalizationDoesntHelpVeryMuch => "capitalization",
        Suggestion::AllUppercaseIsAlmostAsEasyToGuessAsAllLowercase => "allUppercase",
        Suggestion::ReversedWordsArentMuchHarderToGuess => "reverseWords",
        Suggestion::PredictableSubstitutionsDontHelpVeryMuch => "l33t",
        Suggestion::UseALongerKeyboardPatternWithMoreTurns => "longerKeyboardPattern",
        Suggestion::AvoidRepeatedWordsAndCharacters => "repeated",
        Suggestion::AvoidSequences => "sequences",
        Suggestion::AvoidRecentYears => "recentYears",
        Suggestion::AvoidYearsThatAreAssociatedWithYou => "associatedYears",
        Suggestion::AvoidDatesAndYearsThatAreAssociatedWithYou => "dates",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(password: &str, identifiers: &[&str], lowest: u8) -> Option<Value> {
        let outcome = check(&Secret::new(password), &words(identifiers), lowest, "password");
        outcome.err().map(|error| error.refused().items[0].meta["zxcvbn"].clone())
    }

    #[test]
    fn what_is_easy_to_guess_is_refused_with_suggestions() {
        let meta = refused("aaaaaaaaaa", &[], 3).expect("ten times the same letter is weak");
        let codes: Vec<_> = meta["suggestions"].as_array().unwrap().iter().map(|it| &it["code"]).collect();
        assert!(codes.iter().any(|code| **code == "repeated"), "{codes:?}");
        assert!(!meta["suggestions"][0]["message"].as_str().unwrap().is_empty());
        assert_eq!(refused("correct horse battery staple", &[], 3), None);
    }

    #[test]
    fn what_others_know_of_a_person_makes_a_password_weaker() {
        assert_eq!(refused("lovelacebyron", &[], 2), None);
        assert!(refused("lovelacebyron", &["lovelace.byron@example.com"], 2).is_some());
    }
}
