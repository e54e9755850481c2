using CsCheck;

namespace Postoffice.Testing;

/// <summary>Payloads that a careless store, parser or sender would change: JSON objects, byte for byte what a request may hold.</summary>
public static class Payloads
{
    private static readonly Gen<string> Blanks = Gen.OneOf("", "", " ", "\n", "\t \r\n");

    private static readonly Gen<string> Text = Gen.OneOf<string>(
        Gen.OneOf("\"\"", "\"\\u0000\"", "\"\\ud800\"", "\"\\\"}{][,:\"", "\"/\\/\"", "\"\U0001F600é\u2028\"", "\"attributes\"", "\"payload\""),
        Gen.String[Gen.Char['a', 'z'], 0, 8].Select(text => $"\"{text}\""));

    private static readonly Gen<string> Scalar = Gen.OneOf<string>(
        Text,
        Gen.OneOf("true", "false", "null", "0", "-0", "1.10", "1e400", "1E+2", "12345678901234567890.12345678901234567890"),
        Gen.Double.Where(double.IsFinite).Select(number => number.ToString("R", System.Globalization.CultureInfo.InvariantCulture)),
        Gen.Long.Select(number => number.ToString(System.Globalization.CultureInfo.InvariantCulture)));

    /// <summary>Odd spacing, key order, duplicate keys, numbers beyond a double, escapes that name no character, members named as the envelope's.</summary>
    public static IReadOnlyList<string> Odd { get; } =
    [
        "{}",
        "{ \"b\" :\t1 ,\r\n\"a\":2 }",
        """{"a":1,"a":2,"A":3}""",
        """{"n":12345678901234567890.12345678901234567890,"e":1E400,"z":1.0,"m":-0,"big":1e200000}""",
        """{"nul":"x\u0000y","half":"\ud800","pair":"\ud83d\ude00","slash":"\/","esc":"\u0061"}""",
        "{\"emoji\":\"\U0001F600\",\"line\":\"\u2028\",\"html\":\"</script><img src=x onerror=alert(1)>\"}",
        """{"topic":"mine","payload":{"payload":{}},"attributes":"mine"}""",
        """{"":{"":[[],{},[{}]]}}""",
    ];

    /// <summary>Random JSON objects with random spacing.</summary>
    public static Gen<string> Random { get; } = Object(3);

    /// <summary>An object of exactly so many bytes.</summary>
    public static string OfSize(int bytes) => "{\"a\":\"" + new string('x', bytes - 8) + "\"}";

    private static Gen<string> Object(int depth) => Members(depth).Select(Blanks, (members, blank) => $"{{{blank}{members}{blank}}}");

    private static Gen<string> Members(int depth) =>
        Gen.Select(Text, Blanks, Value(depth - 1), (name, blank, value) => $"{name}{blank}:{blank}{value}").Array[0, 4].Select(members => string.Join(",", members));

    private static Gen<string> Value(int depth) => depth == 0
        ? Scalar
        : Gen.OneOf<string>(Scalar, Object(depth), Value(depth - 1).Array[0, 4].Select(items => $"[{string.Join(",", items)}]"));
}
