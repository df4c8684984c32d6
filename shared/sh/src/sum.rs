//! `$((…))`: whole numbers, as shells count.

/// The value of an expression. `value` gives a variable's number.
pub fn sum(text: &str, value: &dyn Fn(&str) -> i64) -> Result<i64, &'static str> {
    let mut sum = Sum {
        rest: text.trim_start(),
        value,
        depth: 0,
    };
    let result = sum.choice()?;
    if sum.rest.is_empty() {
        Ok(result)
    } else {
        Err("syntax error")
    }
}

const LEVELS: [&[&str]; 10] = [
    &["||"],
    &["&&"],
    &["|"],
    &["^"],
    &["&"],
    &["==", "!="],
    &["<=", ">=", "<", ">"],
    &["<<", ">>"],
    &["+", "-"],
    &["*", "/", "%"],
];

struct Sum<'t> {
    rest: &'t str,
    value: &'t dyn Fn(&str) -> i64,
    depth: usize,
}

impl Sum<'_> {
    /// `a ? b : c`
    fn choice(&mut self) -> Result<i64, &'static str> {
        let asked = self.level(0)?;
        let Some(rest) = self.rest.strip_prefix('?') else {
            return Ok(asked);
        };
        self.deeper()?;
        self.rest = rest.trim_start();
        let yes = self.choice()?;
        self.rest = self
            .rest
            .strip_prefix(':')
            .ok_or("syntax error")?
            .trim_start();
        let no = self.choice()?;
        self.depth -= 1;
        Ok(if asked == 0 { no } else { yes })
    }

    fn deeper(&mut self) -> Result<(), &'static str> {
        self.depth += 1;
        if self.depth > 64 {
            return Err("expression recursion level exceeded");
        }
        Ok(())
    }

    fn level(&mut self, level: usize) -> Result<i64, &'static str> {
        let Some(operators) = LEVELS.get(level) else {
            return self.unary();
        };
        let mut left = self.level(level + 1)?;
        while let Some(operator) = self.operator(operators) {
            let right = self.level(level + 1)?;
            left = apply(operator, left, right)?;
        }
        Ok(left)
    }

    fn operator(&mut self, operators: &[&'static str]) -> Option<&'static str> {
        let found = operators
            .iter()
            .find(|operator| self.rest.starts_with(**operator))?;
        let after = &self.rest[found.len()..];
        // `|` is not the first half of `||`, nor `<` of `<<`.
        let doubled = found.len() == 1 && "|&<>".contains(*found) && after.starts_with(*found);
        if doubled {
            return None;
        }
        self.rest = after.trim_start();
        Some(found)
    }

    fn unary(&mut self) -> Result<i64, &'static str> {
        self.deeper()?;
        let value = if let Some(rest) = self.rest.strip_prefix('-') {
            self.rest = rest.trim_start();
            self.unary()?.wrapping_neg()
        } else if let Some(rest) = self.rest.strip_prefix('+') {
            self.rest = rest.trim_start();
            self.unary()?
        } else if let Some(rest) = self.rest.strip_prefix('!') {
            self.rest = rest.trim_start();
            i64::from(self.unary()? == 0)
        } else if let Some(rest) = self.rest.strip_prefix('(') {
            self.rest = rest.trim_start();
            let value = self.choice()?;
            let rest = self.rest.strip_prefix(')').ok_or("missing `)'")?;
            self.rest = rest.trim_start();
            value
        } else {
            self.operand()?
        };
        self.depth -= 1;
        Ok(value)
    }

    fn operand(&mut self) -> Result<i64, &'static str> {
        let text = self.rest.strip_prefix('$').unwrap_or(self.rest);
        let end = text
            .find(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'))
            .unwrap_or(text.len());
        let (word, rest) = text.split_at(end);
        self.rest = rest.trim_start();
        let number = match word.as_bytes() {
            [] => return Err("syntax error: operand expected"),
            [b'0', b'x' | b'X', ..] => i64::from_str_radix(&word[2..], 16),
            [b'0', _, ..] => i64::from_str_radix(&word[1..], 8),
            [b'0'..=b'9', ..] => word.parse(),
            _ => return Ok((self.value)(word)),
        };
        number.map_err(|_| "value too great for base")
    }
}

fn apply(operator: &str, left: i64, right: i64) -> Result<i64, &'static str> {
    let shift = |right: i64| u32::try_from(right & 63).unwrap_or_default();
    Ok(match operator {
        "||" => i64::from(left != 0 || right != 0),
        "&&" => i64::from(left != 0 && right != 0),
        "|" => left | right,
        "^" => left ^ right,
        "&" => left & right,
        "==" => i64::from(left == right),
        "!=" => i64::from(left != right),
        "<=" => i64::from(left <= right),
        ">=" => i64::from(left >= right),
        "<" => i64::from(left < right),
        ">" => i64::from(left > right),
        "<<" => left.wrapping_shl(shift(right)),
        ">>" => left.wrapping_shr(shift(right)),
        "+" => left.wrapping_add(right),
        "-" => left.wrapping_sub(right),
        "*" => left.wrapping_mul(right),
        _ if right == 0 => return Err("division by 0"),
        "/" => left.wrapping_div(right),
        _ => left.wrapping_rem(right),
    })
}

#[cfg(test)]
mod tests {
    use super::sum;

    fn check(text: &str, expected: Result<i64, &'static str>) {
        let value = |name: &str| if name == "n" { 5 } else { 0 };
        assert_eq!(sum(text, &value), expected, "{text}");
    }

    #[test]
    fn numbers_are_counted_as_shells_count() {
        check("1 + 2 * 3", Ok(7));
        check("(1+2)*3", Ok(9));
        check("n - 1", Ok(4));
        check("$n % 3", Ok(2));
        check("-n + !0", Ok(-4));
        check("1 << 4 | 1", Ok(17));
        check("2 > 1 && 1 == 1", Ok(1));
        check("0x10 + 010", Ok(24));
        check("7/2", Ok(3));
        check("n > 3 ? 1 : 2", Ok(1));
        check("(0 ? 1 : 0 ? 2 : 3) + 1", Ok(4));
        check("1/0", Err("division by 0"));
        check("1 +", Err("syntax error: operand expected"));
        check("1 2", Err("syntax error"));
        check(
            &"(".repeat(1000),
            Err("expression recursion level exceeded"),
        );
    }
}
