#!/usr/bin/env bash
# Octave's readers disagree about one csv file of VILLASnode, and none of them says what it loses.
#
# VILLASnode writes complex values as 1.25-2.5i, which is Octave's own notation, floats with 17 decimals, and sequence
# numbers of 64 bits. One would expect any reader of Octave to take them alike. But
# - load drops the imaginary parts, and gives the real parts alone;
# - textscan changes the last digits of every other float, and reads %d64 through a double, so that integers above
#   2^53 are rounded;
# - csvread (dlmread) reads both, but makes a sample of zeros of the header, unless told to begin at row 1.
# So csvread(FILE, 1, 0) is the one to use for values; none of them reads 64-bit integers.
#
# Seen with Octave 7.3.0 of Debian 12. Source of what is read: VILLASnode, lib/signal_data.cpp (printString) and
# lib/formats/column.cpp.
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

cat >one.csv <<'END'
# secs,nsecs,offset,sequence,signal0,signal1
1700000000,1,nan,9007199254740993,0.14285714285714285,1.25000000000000000-2.50000000000000000i
END

cat >read.m <<'END'
1; # a script, not a file of one function
function show(name, row)
  printf("%s: sequence %d, signal0 %.17g, signal1 %g%+gi\n", name, row{1}, row{2}, real(row{3}), imag(row{3}));
end
table = csvread("one.csv");
printf("csvread: %d rows, the first begins with %d\n", rows(table), table(1, 1));
show("csvread", num2cell(csvread("one.csv", 1, 0)(4:6)));
show("load", num2cell(load("one.csv")(4:6)));
file = fopen("one.csv");
show("textscan", textscan(file, "%f %f %f %d64 %f %f", "Delimiter", ",", "HeaderLines", 1)(4:6));
fclose(file);

values = (1:10000)' / 7;
file = fopen("many.csv", "w");
fprintf(file, "%.17f\n", values);
fclose(file);
file = fopen("many.csv");
scanned = textscan(file, "%f"){1};
fclose(file);
changed = [sum(csvread("many.csv") != values), sum(load("many.csv") != values), sum(scanned != values)];
printf("floats changed of %d: csvread %d, load %d, textscan %d\n", numel(values), changed);
END

debian octave=7.3.
echo "Octave's load drops imaginary parts, its textscan changes floats, its csvread takes the header for a sample"
octave-cli --norc read.m 2>octave.log | tee seen || { cat octave.log; exit 1; }

cat >expected <<'END'
csvread: 2 rows, the first begins with 0
csvread: sequence 9007199254740992, signal0 0.14285714285714285, signal1 1.25-2.5i
load: sequence 9007199254740992, signal0 0.14285714285714285, signal1 1.25+0i
textscan: sequence 9007199254740992, signal0 0.1428571428571429, signal1 1.25-2.5i
floats changed of 10000: csvread 0, load 0, textscan 5001
END
diff expected seen || { echo "Changed: the lines with < are no longer seen" && exit 1; }
