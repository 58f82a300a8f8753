/** Adds an employee. Not retried: BambooHR would add a second one. */
import { createAction } from 'bowline';
import { z } from 'zod';
import { refusalOf } from '../../refusal.js';

const Input = z.object({
  first_name: z.string().min(1),
  last_name: z.string().min(1),
  work_email: z.email().optional(),
  job_title: z.string().optional(),
  department: z.string().optional(),
  hired_on: z.iso.date().optional(),
  fields: z.record(z.string(), z.string()).optional().describe("Further fields, by BambooHR's names"),
});

const action = createAction({
  description: 'Adds an employee',
  version: '1.0.0',
  input: Input,
  output: z.object({ id: z.string() }),

  exec: async (nango, input) => {
    const { data } = await nango.zodValidateInput({ zodSchema: Input, input });
    const { first_name, last_name, work_email, job_title, department, hired_on, fields } = data;
    const employee = {
      ...fields,
      firstName: first_name,
      lastName: last_name,
      workEmail: work_email,
      jobTitle: job_title,
      department,
      hireDate: hired_on,
    };
    try {
      const {
        headers: { location },
      } = await nango.post({ endpoint: '/v1/employees', data: employee });
      // The answer has no body: where the new employee is, is in a header.
      const id = /\/employees\/(\d+)/.exec(String(location))?.[1];
      if (id === undefined) throw new nango.ActionError({ message: 'The employee was added, but BambooHR did not say under which id.' });
      return { id };
    } catch (error) {
      const refusal = refusalOf(error);
      if (refusal === undefined) throw error;
      const message = refusal.headers['x-bamboohr-error-message'] ?? `BambooHR refused the employee with status ${refusal.status}.`;
      throw new nango.ActionError({ message, status: refusal.status });
    }
  },
});

export type NangoActionLocal = Parameters<(typeof action)['exec']>[0];
export default action;
