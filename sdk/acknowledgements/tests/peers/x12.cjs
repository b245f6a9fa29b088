// What node-x12 reads of each interchange, strictly: a line of hexadecimal digits in, a line of JSON out.
//
// It keeps the parts of a composite together, so that the elements are whole texts.
const { X12Parser } = require('node-x12')

const lines = require('fs').readFileSync(0, 'utf8').split('\n').filter((line) => line !== '')
for (const line of lines) {
  const text = Buffer.from(line, 'hex').toString('latin1')
  let segments = []
  const mistakes = []
  try {
    const interchange = new X12Parser(true).parse(text)
    const take = (segment) => segments.push([segment.tag, segment.elements.map((element) => [element.value])])
    take(interchange.header)
    for (const group of interchange.functionalGroups) {
      take(group.header)
      for (const set of group.transactions) {
        take(set.header)
        set.segments.forEach(take)
        take(set.trailer)
      }
      take(group.trailer)
    }
    take(interchange.trailer)
  } catch (error) {
    segments = []
    mistakes.push(String(error))
  }
  console.log(JSON.stringify({ segments, mistakes, valid: null }))
}
