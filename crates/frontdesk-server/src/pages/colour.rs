//! The instance's colour, made readable: on light and on dark, whatever the owner chose (WCAG 2.2, 1.4.3 and 1.4.11).

/// A colour on a screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Colour([u8; 3]);

/// What text must stand out by.
const TEXT: f64 = 4.5;
/// What edges and marks must stand out by.
const EDGE: f64 = 3.0;
/// Darkest and brightest ground that coloured text stands on, in light and in dark; the same as in `pages.css`.
const LIGHT_GROUND: Colour = Colour([0xf4, 0xf5, 0xf7]);
const DARK_GROUND: Colour = Colour([0x1f, 0x23, 0x2b]);
const WHITE: Colour = Colour([0xff; 3]);
const BLACK: Colour = Colour([0; 3]);

impl Colour {
    /// Reads `#rrggbb` or `rrggbb`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').unwrap_or(text);
        if digits.len() != 6 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let number = u32::from_str_radix(digits, 16).ok()?;
        let [_, red, green, blue] = number.to_be_bytes();
        Some(Self([red, green, blue]))
    }

    /// `rrggbb`.
    pub(super) fn digits(self) -> String {
        let [red, green, blue] = self.0;
        format!("{red:02x}{green:02x}{blue:02x}")
    }

    /// The style sheet that gives the pages this colour.
    pub(super) fn style_sheet(self) -> String {
        let light = self.variables(LIGHT_GROUND, BLACK);
        let dark = self.variables(DARK_GROUND, WHITE);
        format!(":root{{{light}}}\n@media (prefers-color-scheme:dark){{:root{{{dark}}}}}\n")
    }

    /// White or black. Where white does not stand out, black does: no colour is too close to both.
    pub(super) fn what_stands_on_it(self) -> Self {
        if self.contrast(WHITE) >= TEXT { WHITE } else { BLACK }
    }

    /// The colour itself for buttons, what stands on it, and the same moved towards `away` for text and for edges.
    fn variables(self, ground: Self, away: Self) -> String {
        let on = self.what_stands_on_it();
        // A little darker or brighter under the pointer, whichever way what stands on it stays readable.
        let pressed = self.mixed(if on == WHITE { BLACK } else { WHITE }, 14);
        format!(
            "--brand:#{};--brand-pressed:#{};--on-brand:#{};--brand-text:#{};--brand-edge:#{}",
            self.digits(),
            pressed.digits(),
            on.digits(),
            self.moved(away, ground, TEXT).digits(),
            self.moved(away, ground, EDGE).digits()
        )
    }

    /// This colour, moved towards another until it stands out from the ground.
    fn moved(self, towards: Self, ground: Self, wanted: f64) -> Self {
        let steps = (0..=100).map(|share| self.mixed(towards, share));
        steps.clone().find(|colour| colour.contrast(ground) >= wanted).unwrap_or(towards)
    }

    /// So many hundredths of another colour in this one.
    fn mixed(self, other: Self, hundredths: u16) -> Self {
        let mix = |mine: u8, its: u8| {
            let mixed = (u16::from(mine) * (100 - hundredths) + u16::from(its) * hundredths) / 100;
            u8::try_from(mixed).unwrap_or(u8::MAX)
        };
        Self(std::array::from_fn(|channel| mix(self.0[channel], other.0[channel])))
    }

    fn contrast(self, other: Self) -> f64 {
        let (mine, its) = (self.luminance(), other.luminance());
        (mine.max(its) + 0.05) / (mine.min(its) + 0.05)
    }

    fn luminance(self) -> f64 {
        let [red, green, blue] = self.0.map(|channel| {
            let share = f64::from(channel) / 255.0;
            if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn only_six_digits_are_a_colour() {
        assert_eq!(Colour::parse("#2f5bea").unwrap().digits(), "2f5bea");
        for text in ["", "#fff", "red", "#12345g", "#1234567", "+12345", "#2f5bea;}"] {
            assert_eq!(Colour::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_the_owner_chose_can_be_read(channels: [u8; 3]) {
            let colour = Colour(channels);
            for (ground, away) in [(LIGHT_GROUND, BLACK), (DARK_GROUND, WHITE)] {
                let variables = colour.variables(ground, away);
                let of = |name: &str| {
                    let value = variables.split(';').find_map(|it| it.strip_prefix(name)).unwrap();
                    Colour::parse(value).unwrap()
                };
                prop_assert!(of("--on-brand:").contrast(of("--brand:")) >= TEXT);
                prop_assert!(of("--on-brand:").contrast(of("--brand-pressed:")) >= TEXT);
                prop_assert!(of("--brand-text:").contrast(ground) >= TEXT);
                prop_assert!(of("--brand-edge:").contrast(ground) >= EDGE);
            }
        }
    }
}
