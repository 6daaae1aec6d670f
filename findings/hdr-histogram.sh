#!/usr/bin/env bash
# hdr-histogram-js tells a 100th percentile above the maximum, a standard deviation of 0 for values that differ, and
# counts all that is below 1 as 0.
#
# One would expect the mean of one value to be that value, and the 100th percentile to be the maximum. But values are
# counted in bins: a percentile is the upper end of its bin, the 100th, too, beside a maxValue that is exact, and mean
# and standard deviation are those of the bins' middles. Fractions are cut, so of durations in milliseconds, as
# JavaScript's clocks give them, every percentile below 1 ms is 0, while maxValue keeps the fraction: nothing says
# that the unit is wrong.
#
# Seen with hdr-histogram-js 3.0.1. Source: its file dist/JsHistogram.js (getValueAtPercentile, mean,
# getStdDeviation).
set -euo pipefail
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm install --silent --no-fund --no-audit hdr-histogram-js@3.0.1
echo "hdr-histogram-js 3.0.1, Node.js $(node --version)"
echo "Percentiles exceed the maximum, the mean is that of the bins, and fractions are cut"
node --input-type=commonjs - <<'END' | tee seen
const { build } = require("hdr-histogram-js");

function show(name, values) {
  const histogram = build({ numberOfSignificantValueDigits: 3, useWebAssembly: false });
  for (const value of values) histogram.recordValue(value);
  const { maxValue, mean, stdDeviation } = histogram;
  const p100 = histogram.getValueAtPercentile(100);
  console.log(`${name}: max ${maxValue}, p100 ${p100}, mean ${mean}, stddev ${stdDeviation}`);
}

show("123456 ns, once", [123456]);
show("123456 ns and 123500 ns", [123456, 123500]);
show("0.123456 ms and 0.9 ms", [0.123456, 0.9]);
show("1.9 ms", [1.9]);
END

cat >expected <<'END'
123456 ns, once: max 123456, p100 123519, mean 123488, stddev 0
123456 ns and 123500 ns: max 123500, p100 123519, mean 123488, stddev 0
0.123456 ms and 0.9 ms: max 0.9, p100 0, mean 0, stddev 0
1.9 ms: max 1.9, p100 1, mean 1, stddev 0
END
diff expected seen || { echo "Changed: the lines with < are no longer seen" && exit 1; }
