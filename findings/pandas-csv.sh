#!/usr/bin/env bash
# pandas changes many of the floats that VILLASnode writes as csv, and takes a sample for the header, without a word.
#
# VILLASnode writes floats with 17 decimals. From 0.1 upwards that is enough for a reader that rounds correctly, as
# Python's float() and numpy.loadtxt() do, to get the same float back. By default pandas.read_csv() uses a conversion
# of its own, which misses the last bit of 25 to 45 in 100 such floats; float_precision="high" is the same, and only
# "round_trip" is exact. So two equal recordings differ once one of them has been through pandas.
#
# VILLASnode's header begins with "# secs". One would expect comment="#" to skip it. It does, and makes column names
# of the first sample; all samples are there with header=None as well. Without comment, the first column is called "#
# secs".
#
# Seen with pandas 1.5.3 of Debian 12; pandas 3.0.6 does the same. Source: documentation of pandas.read_csv
# (float_precision); VILLASnode, lib/signal_data.cpp (printString) and lib/formats/column.cpp.
set -euo pipefail
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

# Installs what is missing of Debian packages (NAME=VERSION), and prints the versions, which the finding is about.
debian() {
  local names=("${@%=*}") package version
  dpkg-query -W "${names[@]}" >apt.log 2>&1 ||
    { apt-get update && apt-get install -y --no-install-recommends "${names[@]}"; } >apt.log 2>&1 ||
    { cat apt.log && exit 1; }
  for package; do
    version=$(dpkg-query -W -f '${Version}' "${package%=*}")
    echo "${package%=*} $version"
    [[ $version == "${package#*=}"* ]] || { echo "Cannot check: the finding is about $package" && exit 1; }
  done
}

debian python3-numpy=1:1.24. python3-pandas=1.5.
echo "pandas.read_csv() changes floats of 17 decimals, and takes a sample for the header"
/usr/bin/python3 - <<'END' | tee seen
import io
import numpy
import pandas

values = [k / 7 for k in range(1, 10001)]
text = "signal0\n" + "".join("%.17f\n" % value for value in values)


def count_changed(read):
    return sum(a != b for a, b in zip(read, values))


def read(precision):
    return pandas.read_csv(io.StringIO(text), float_precision=precision)["signal0"]


print("changed of", len(values))
print("float():", count_changed(map(float, text.split()[1:])))
print("numpy.loadtxt():", count_changed(numpy.loadtxt(io.StringIO(text), skiprows=1)))
print("pandas.read_csv():", count_changed(read(None)))
print("pandas.read_csv(float_precision='high'):", count_changed(read("high")))
print("pandas.read_csv(float_precision='round_trip'):", count_changed(read("round_trip")))

csv = "# secs,nsecs,offset,sequence,signal0\n1700000000,1,nan,0,1.5\n1700000001,1,nan,1,2.5\n"
for options in {}, {"comment": "#"}, {"comment": "#", "header": None}:
    table = pandas.read_csv(io.StringIO(csv), **options)
    print(options, len(table), "samples, first column", repr(table.columns[0]))
END

cat >expected <<'END'
changed of 10000
float(): 0
numpy.loadtxt(): 0
pandas.read_csv(): 4510
pandas.read_csv(float_precision='high'): 4510
pandas.read_csv(float_precision='round_trip'): 0
{} 2 samples, first column '# secs'
{'comment': '#'} 1 samples, first column '1700000000'
{'comment': '#', 'header': None} 2 samples, first column 0
END
diff expected seen || { echo "Changed: the lines with < are no longer seen" && exit 1; }
