//! The name that was probably meant.

/// The nearest of the names, if one is near enough to be a slip.
pub(crate) fn nearest<'n>(given: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let near = given.len().div_ceil(4).clamp(1, 3);
    let distances = names.map(|name| (distance(given, name), name));
    distances
        .min_by_key(|(distance, _)| *distance)
        .filter(|(distance, _)| *distance <= near)
        .map(|(_, it)| it)
}

/// How many characters must be put in, taken out or changed to make one text of the other.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (number, left) in one.chars().enumerate() {
        let mut corner = row[0];
        row[0] = number + 1;
        for (column, right) in other.iter().enumerate() {
            let change = corner + usize::from(left != *right);
            corner = row[column + 1];
            row[column + 1] = change.min(corner + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_another_word_is_not() {
        let names = ["listen", "public_url", "drain_timeout"];
        assert_eq!(nearest("lisen", names.into_iter()), Some("listen"));
        assert_eq!(nearest("public-url", names.into_iter()), Some("public_url"));
        assert_eq!(nearest("colour", names.into_iter()), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}
