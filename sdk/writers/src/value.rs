//! What an author writes into an element: texts, numbers, nothing, and what is to be checked about them.

use std::borrow::Cow;
use std::ops::RangeInclusive;

use portgate_readers::edi::Composite;

/// One simple element, or one component of a composite one. `()`, `None` and the empty text are an empty element.
pub trait Value {
    /// What is written, before separators in it are released.
    fn text(&self) -> Cow<'_, str>;

    /// How long it may be, where that is to be checked: in characters, of a number in digits.
    fn length(&self) -> Option<RangeInclusive<usize>> {
        None
    }

    /// Whether it is a number, which is written with the decimal mark of the interchange.
    fn is_number(&self) -> bool {
        false
    }

    /// The value, which must have so many characters; a number so many digits, its sign and decimal mark not counted. What
    /// may be empty begins with 0: `0..=35`.
    ///
    /// ```
    /// use portgate_writers::Value;
    /// let name = "NORTHERN HARRIER".within(1..=35);
    /// let remark = None::<&str>.map(|text| text.within(1..=70));
    /// # let _ = (name.text(), remark.text());
    /// ```
    fn within(self, characters: RangeInclusive<usize>) -> Within<Self>
    where
        Self: Sized,
    {
        Within { value: self, characters }
    }
}

/// A value whose length is checked; see [`Value::within`].
#[derive(Clone, Debug)]
pub struct Within<V> {
    value: V,
    characters: RangeInclusive<usize>,
}

impl<V: Value> Value for Within<V> {
    fn text(&self) -> Cow<'_, str> {
        self.value.text()
    }

    fn length(&self) -> Option<RangeInclusive<usize>> {
        Some(self.characters.clone())
    }

    fn is_number(&self) -> bool {
        self.value.is_number()
    }
}

/// A number with a point as its decimal mark, such as the text of a decimal; see [`number`].
#[derive(Clone, Debug)]
pub struct Number(String);

/// A number as it is displayed: digits, at most one point between them, a minus sign in front. Anything else, an exponent
/// or a plus sign, is refused when it is written. EDIFACT gets the decimal mark that its `UNA` announces.
pub fn number(value: impl std::fmt::Display) -> Number {
    Number(value.to_string())
}

impl Value for Number {
    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(&self.0)
    }

    fn is_number(&self) -> bool {
        true
    }
}

impl<V: Value + ?Sized> Value for &V {
    fn text(&self) -> Cow<'_, str> {
        (**self).text()
    }

    fn length(&self) -> Option<RangeInclusive<usize>> {
        (**self).length()
    }

    fn is_number(&self) -> bool {
        (**self).is_number()
    }
}

impl<V: Value> Value for Option<V> {
    fn text(&self) -> Cow<'_, str> {
        self.as_ref().map(Value::text).unwrap_or_default()
    }

    fn length(&self) -> Option<RangeInclusive<usize>> {
        self.as_ref().and_then(Value::length)
    }

    fn is_number(&self) -> bool {
        self.as_ref().is_some_and(Value::is_number)
    }
}

impl Value for () {
    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed("")
    }
}

impl Value for str {
    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self)
    }
}

impl Value for String {
    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self)
    }
}

impl Value for Cow<'_, str> {
    fn text(&self) -> Cow<'_, str> {
        Cow::Borrowed(self)
    }
}

impl Value for char {
    fn text(&self) -> Cow<'_, str> {
        Cow::Owned(self.to_string())
    }
}

macro_rules! integers {
    ($($integer:ty)*) => {$(
        impl Value for $integer {
            fn text(&self) -> Cow<'_, str> {
                Cow::Owned(self.to_string())
            }

            fn is_number(&self) -> bool {
                true
            }
        }
    )*};
}

integers!(u8 u16 u32 u64 usize i8 i16 i32 i64);

/// Several values in their order: an array, a slice, a vector, a tuple of up to sixteen, or a composite that was read.
pub trait Values {
    /// Hands each of them over.
    fn each(&self, take: &mut dyn FnMut(&dyn Value));
}

impl<V: Value> Values for [V] {
    fn each(&self, take: &mut dyn FnMut(&dyn Value)) {
        self.iter().for_each(|value| take(value));
    }
}

impl<V: Value, const N: usize> Values for [V; N] {
    fn each(&self, take: &mut dyn FnMut(&dyn Value)) {
        self.as_slice().each(take);
    }
}

impl<V: Value> Values for Vec<V> {
    fn each(&self, take: &mut dyn FnMut(&dyn Value)) {
        self.as_slice().each(take);
    }
}

impl<V: Values + ?Sized> Values for &V {
    fn each(&self, take: &mut dyn FnMut(&dyn Value)) {
        (**self).each(take);
    }
}

impl Values for Composite<'_> {
    fn each(&self, take: &mut dyn FnMut(&dyn Value)) {
        self.components().for_each(|component| take(&component));
    }
}

macro_rules! tuples {
    ($($first:ident $($rest:ident)*)?) => {$(
        impl<$first: Value, $($rest: Value),*> Values for ($first, $($rest,)*) {
            fn each(&self, take: &mut dyn FnMut(&dyn Value)) {
                #[expect(non_snake_case, reason = "a value is called as its type is")]
                let ($first, $($rest,)*) = self;
                take($first);
                $(take($rest);)*
            }
        }
        tuples!($($rest)*);
    )?};
}

tuples!(A B C D E F G H I J K L M N O P);
