import { useId } from 'preact/hooks';

interface TextFieldProps {
  name: string;
  label: string;
  value?: string;
  /** What is told of it beside its name. */
  hint?: string;
  type?: 'text' | 'password' | 'number' | 'datetime-local';
  autocomplete?: 'username' | 'current-password' | 'off';
  required?: boolean;
}

/** A field for a short text. */
export function TextField({ name, label, value = '', hint, type = 'text', ...more }: TextFieldProps) {
  const id = useId();
  const { autocomplete = 'off', required = false } = more;
  const given = {
    ...{ name, required, defaultValue: value, autoComplete: autocomplete },
    ...(hint === undefined ? {} : { 'aria-describedby': id }),
  };
  return (
    <div class="field">
      <label>
        <span>{label}</span>
        <InputOf type={type} given={given} />
      </label>
      {hint === undefined ? null : <small id={id}>{hint}</small>}
    </div>
  );
}

interface Given {
  name: string;
  required: boolean;
  defaultValue: string;
  autoComplete: string;
}

/** Its types allow each kind of input other attributes. */
function InputOf({ type, given }: { type: NonNullable<TextFieldProps['type']>; given: Given }) {
  switch (type) {
    case 'text':
      return <input type="text" {...given} />;
    case 'password':
      return <input type="password" {...given} />;
    case 'number':
      return <input type="number" min={1} {...given} />;
    case 'datetime-local':
      return <input type="datetime-local" {...given} />;
  }
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
  return textIn(form, name).trim();
}

/** The text of a field as it was entered: a password may begin with a space. */
export function textIn(form: FormData, name: string): string {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
}
