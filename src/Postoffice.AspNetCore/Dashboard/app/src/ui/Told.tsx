const time = /(\d{4}-\d\d-\d\dT[\d:.]+Z)/;

/** What the server tells a person, word for word; a time in it is not broken over two lines. */
export function Told({ text }: { text: string }) {
  return <>{text.split(time).map((part, index) => (index % 2 === 1 ? <span key={index} class="whole">{part}</span> : part))}</>;
}
