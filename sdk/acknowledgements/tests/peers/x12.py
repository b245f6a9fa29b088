"""What pyx12 reads of each interchange: a line of hexadecimal digits in, a line of JSON out.

Out: the segments as [tag, [[component, ...], ...]], the mistakes of its envelopes, and, where it has a map of the
transaction set, whether the whole interchange keeps it.
"""

import io
import json
import logging
import sys

import pyx12.params
import pyx12.x12file
import pyx12.x12n_document

logging.disable(logging.CRITICAL)

for line in sys.stdin:
    text = bytes.fromhex(line.strip()).decode("ascii")
    reader = pyx12.x12file.X12Reader(io.StringIO(text))
    segments = []
    kinds = set()
    for segment in reader:
        elements = [[part.get_value() for part in element.elements] for element in segment.elements]
        segments.append([segment.get_seg_id(), elements])
        if segment.get_seg_id() == "ST":
            kinds.add(elements[0][0])
    mistakes = [str(mistake) for mistake in reader.pop_errors()]
    valid = None
    if kinds & {"997", "999"}:
        valid = pyx12.x12n_document.x12n_document(pyx12.params.params(), io.StringIO(text), None, None)
    print(json.dumps({"segments": segments, "mistakes": mistakes, "valid": valid}))
