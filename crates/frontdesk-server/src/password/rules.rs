//! The rules of an instance about length and characters.

use frontdesk_core::settings::PasswordRules;
use frontdesk_types::Secret;

use crate::errors::{self, ApiError};

/// Checks the length and the kinds of characters. Everything that is missing is told at once, so that nobody has to
/// learn the rules one refusal at a time; the SDKs put it into one sentence.
pub(super) fn check(password: &Secret, rules: &PasswordRules, param: &str) -> Result<(), ApiError> {
    let password = password.expose();
    let characters = password.chars().count();
    let has = |fits: fn(char) -> bool| password.chars().any(fits);
    let broken = [
        (characters < rules.min_length, errors::password_too_short(rules.min_length)),
        (characters > rules.max_length, errors::password_too_long(rules.max_length)),
        (rules.require_lowercase && !has(char::is_lowercase), errors::password_without_lowercase()),
        (rules.require_uppercase && !has(char::is_uppercase), errors::password_without_uppercase()),
        (rules.require_numbers && !has(|it| it.is_ascii_digit()), errors::password_without_number()),
        (rules.require_special_char && !has(is_special), errors::password_without_special_char()),
    ];
    let broken = broken.into_iter().filter_map(|(is_broken, error)| is_broken.then(|| error.at(param)));
    broken.reduce(ApiError::and).map_or(Ok(()), Err)
}

fn is_special(character: char) -> bool {
    PasswordRules::SPECIAL_CHARACTERS.contains(character)
}

#[cfg(test)]
mod tests {
    use frontdesk_api::ErrorCode;

    use super::*;

    fn codes(password: &str, rules: PasswordRules) -> Vec<ErrorCode> {
        let outcome = check(&Secret::new(password), &rules, "password");
        outcome.err().map_or_else(Vec::new, |error| {
            assert!(error.refused().items.iter().all(|item| item.meta["param_name"] == "password"));
            error.refused().items.iter().map(|item| item.code.clone()).collect()
        })
    }

    #[test]
    fn length_is_counted_in_characters() {
        let rules = PasswordRules { min_length: 8, max_length: 10, ..PasswordRules::default() };
        assert_eq!(codes("1234567", rules), [ErrorCode::PasswordTooShort]);
        assert_eq!(codes("\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}\u{e9}", rules), [ErrorCode::PasswordTooShort]);
        assert!(codes("12345678", rules).is_empty());
        assert!(codes("1234567890", rules).is_empty());
        assert_eq!(codes("12345678901", rules), [ErrorCode::PasswordTooLong]);
    }

    #[test]
    fn everything_that_is_missing_is_told() {
        let rules = PasswordRules {
            require_lowercase: true,
            require_uppercase: true,
            require_numbers: true,
            require_special_char: true,
            ..PasswordRules::default()
        };
        assert_eq!(
            codes("\u{4e00}\u{4e00}\u{4e00}", rules),
            [
                ErrorCode::PasswordTooShort,
                ErrorCode::PasswordNoLowercase,
                ErrorCode::PasswordNoUppercase,
                ErrorCode::PasswordNoNumber,
                ErrorCode::PasswordNoSpecialChar,
            ]
        );
        assert_eq!(codes("correct horse 1!", rules), [ErrorCode::PasswordNoUppercase]);
        assert_eq!(codes("CORRECT HORSE 1!", rules), [ErrorCode::PasswordNoLowercase]);
        assert_eq!(codes("Correct horse !", rules), [ErrorCode::PasswordNoNumber]);
        assert_eq!(
            codes("Correct horse 1", rules),
            [ErrorCode::PasswordNoSpecialChar],
            "a space is not special"
        );
        assert!(codes("Correct horse 1!", rules).is_empty());
    }
}
