// What the parser of the package edifact reads of each interchange: a line of hexadecimal digits in, a line of JSON out.
// Its strings are read as ISO-8859-1.
const Parser = require('edifact/parser.js')

const lines = require('fs').readFileSync(0, 'utf8').split('\n').filter((line) => line !== '')
for (const line of lines) {
  const text = Buffer.from(line, 'hex').toString('latin1')
  const segments = []
  const mistakes = []
  const parser = new Parser()
  parser.on('opensegment', (tag) => segments.push([tag, []]))
  parser.on('element', () => segments[segments.length - 1][1].push([]))
  parser.on('component', (value) => segments[segments.length - 1][1].slice(-1)[0].push(value))
  try {
    parser.encoding('UNOC')
    parser.write(text)
    parser.end()
  } catch (error) {
    mistakes.push(String(error))
  }
  console.log(JSON.stringify({ segments, mistakes, valid: null }))
}
