interface TextFieldProps {
  name: string;
  label: string;
  value?: string;
  hint?: string;
  type?: 'text' | 'number' | 'datetime-local';
}

/** A field for a short text. */
export function TextField({ name, label, value = '', hint, type = 'text' }: TextFieldProps) {
  const given = { name, defaultValue: value };
  return (
    <label class="field">
      <span>{label}</span>
      {type === 'number' ? (
        <input type="number" min={1} {...given} />
      ) : type === 'datetime-local' ? (
        <input type="datetime-local" {...given} />
      ) : (
        <input type="text" {...given} />
      )}
      {hint === undefined ? null : <small>{hint}</small>}
    </label>
  );
}

/** A field for a yes or a no. */
export function CheckField({ name, label }: { name: string; label: string }) {
  return (
    <label class="check">
      <input type="checkbox" name={name} />
      {label}
    </label>
  );
}

/** The text of a field without spaces around it; '' if it is empty or not there. */
export function fieldIn(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value.trim() : '';
}
